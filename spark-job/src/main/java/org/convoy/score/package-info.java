/**
 * Batch scoring of large image sets. {@link org.convoy.score.Score} is the command, {@link org.convoy.score.Scoring} a run; {@link
 * org.convoy.score.Scorer} is the piece that answers for pictures in a task, for whoever has some.
 *
 * <p>May depend on {@code org.convoy.cli}, {@code evaluate}, {@code inspect}, {@code report}, {@code repository} and both other
 * modules, never on DL4J. {@code UnitTask}, {@code Answers}, {@code ResidentModel} and files of answers are of executors, the rest of
 * the driver.
 */
package org.convoy.score;
