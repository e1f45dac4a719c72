/**
 * Pictures in, a dataset out. Entry class: {@link org.convoy.prepare.Prepare}. A {@code Source} counts and decodes pictures,
 * {@code Deduplication} decides which are kept, {@code DatasetWriter} writes and describes them. {@link
 * org.convoy.prepare.PictureUnits} gives pictures for scoring, encoded and in units.
 *
 * <p>May depend on {@code org.convoy.data}, {@code org.convoy.runtime} and Spark SQL. {@code Prepare} runs on the driver; sources'
 * readers, {@link org.convoy.prepare.ImageDecoder} and everything per picture run on executors.
 */
package org.convoy.prepare;
