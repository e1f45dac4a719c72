package org.convoy.train;

import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import scala.collection.JavaConverters;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;

/**
 * Functions over partitions for Spark's Scala methods. Its Java methods wrap what they are given in lambdas, and for each
 * lambda Spark reads the byte code of the class around it, again in every round: milliseconds in which nobody computes.
 */
final class NamedFunction {
    private NamedFunction() {}

    /** A function from all of a partition's elements to others. */
    static final class OverPartition<A, B>
            extends AbstractFunction1<scala.collection.Iterator<A>, scala.collection.Iterator<B>>
            implements Serializable {
        private static final long serialVersionUID = 1L;

        private final FlatMapFunction<Iterator<A>, B> function;

        OverPartition(FlatMapFunction<Iterator<A>, B> function) {
            this.function = function;
        }

        @Override
        public scala.collection.Iterator<B> apply(scala.collection.Iterator<A> partition) {
            try {
                return JavaConverters.asScalaIterator(function.call(JavaConverters.asJavaIterator(partition)));
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A partition's only element, as the result of its task. */
    static final class OnlyElement<A> extends AbstractFunction2<TaskContext, scala.collection.Iterator<A>, A>
            implements Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public A apply(TaskContext task, scala.collection.Iterator<A> partition) {
            return partition.next();
        }
    }
}
