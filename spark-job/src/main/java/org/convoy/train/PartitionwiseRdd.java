package org.convoy.train;

import java.util.Iterator;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.rdd.RDD;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;

/**
 * What a function makes of each partition of another RDD. Spark's own {@code mapPartitions} would read the byte code around
 * the function and write down a scope for the UI, again in every round: milliseconds in which nobody computes.
 */
final class PartitionwiseRdd<A, B> extends RDD<B> {
    private static final long serialVersionUID = 1L;

    private final FlatMapFunction<Iterator<A>, B> function;
    private final ClassTag<A> inputs;

    PartitionwiseRdd(RDD<A> parent, FlatMapFunction<Iterator<A>, B> function, Class<? super B> outputs) {
        super(parent, ClassTag.apply(outputs));
        this.function = function;
        this.inputs = parent.elementClassTag();
    }

    @Override
    public Partition[] getPartitions() {
        return firstParent(inputs).partitions();
    }

    @Override
    public scala.collection.Iterator<B> compute(Partition partition, TaskContext context) {
        Iterator<A> elements =
                JavaConverters.asJavaIterator(this.<A>firstParent(inputs).iterator(partition, context));
        try {
            return JavaConverters.asScalaIterator(function.call(elements));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
