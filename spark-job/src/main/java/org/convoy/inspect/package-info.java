/**
 * Looking at a dataset. Entry class: {@link org.convoy.inspect.InspectDataset}.
 *
 * <p>May depend on {@code org.convoy.cli}, data-prep and Spark. {@code ClassSamples} picks pictures on executors; the rest runs on
 * the driver.
 */
package org.convoy.inspect;
