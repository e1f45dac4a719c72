/**
 * Parameter-averaging synchronous SGD. Start reading at {@link org.convoy.train.AveragingLoop}: one round there is one line
 * of the formula; and at {@link org.convoy.train.ShardRdd} for how the pictures come to it. {@code Shard}, {@code Window},
 * {@code LocalSteps}, {@code SliceReduction} and {@code FeatureTask} run on executors, the rest on the driver.
 *
 * <p>May depend on Spark, on {@code org.convoy.data} and on {@code org.convoy.model}; of DL4J only {@code
 * Dl4jSparkTraining} knows anything.
 */
package org.convoy.train;
