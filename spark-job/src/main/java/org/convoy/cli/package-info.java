/**
 * What every command shares: {@link org.convoy.cli.JobCommand} reads the options and the configuration, opens the Spark
 * session and turns errors into one line and an exit code.
 *
 * <p>May depend on {@code org.convoy.runtime}, picocli and Spark. Runs on the driver.
 */
package org.convoy.cli;
