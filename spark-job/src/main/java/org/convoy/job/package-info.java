/**
 * The command line: {@link org.convoy.job.Convoy} knows every command. Each job's own main class lies with the job.
 *
 * <p>May depend on everything in spark-job. Runs on the driver.
 */
package org.convoy.job;
