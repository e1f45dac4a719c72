package org.convoy.prepare;

/** Names that are not read, as Hadoop and Spark do not read them. */
final class Hidden {
    private Hidden() {}

    static boolean is(String name) {
        return name.startsWith(".") || name.startsWith("_");
    }
}
