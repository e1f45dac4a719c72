/**
 * Tells before a training what would go wrong in it and what it will cost: {@link org.convoy.doctor.Doctor} is the command. Each
 * {@code *Checks} class turns one kind of facts into {@link org.convoy.doctor.Finding}s; what it measures with a training's own
 * means is in {@code org.convoy.train}.
 *
 * <p>May depend on everything in spark-job but {@code org.convoy.job}, and on Spark and Hadoop. Runs on the driver;
 * {@link org.convoy.doctor.ProcessFacts} and the small tasks of {@code StorageChecks} on executors.
 */
package org.convoy.doctor;
