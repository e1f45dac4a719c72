/**
 * A training report as a page for people ({@link org.convoy.report.ReportPage}).
 *
 * <p>May depend on the JDK alone: it is handed words and numbers, so that it knows no job. Runs on the driver.
 */
package org.convoy.report;
