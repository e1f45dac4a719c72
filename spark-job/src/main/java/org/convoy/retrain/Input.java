package org.convoy.retrain;

/**
 * Something that {@code prepare.input} names: a directory or a file.
 *
 * @param path with its scheme
 * @param files in it; hidden ones, whose names start with . or _, do not count
 * @param bytes of all of them
 * @param mark of their names, sizes and times of modification: another one if a file came, went or was changed
 */
record Input(String path, long files, long bytes, String mark) {}
