/**
 * The data contract: what a prepared dataset is and how it is read. {@link org.convoy.data.PreparedDataset} opens one on the
 * driver, {@link org.convoy.data.ExampleReader} reads its rows on executors, {@link org.convoy.data.Manifest} describes it.
 *
 * <p>May depend on {@code org.convoy.runtime}, the Hadoop file system, Parquet and Jackson; not on Spark.
 */
package org.convoy.data;
