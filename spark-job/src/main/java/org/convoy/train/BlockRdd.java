package org.convoy.train;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;

/**
 * The train split's blocks, one per partition: worker 0's first, then worker 1's. Spark stores them, spills them to disk and
 * reads again what is lost.
 */
final class BlockRdd extends RDD<Block> {
    private static final long serialVersionUID = 1L;

    private final ExampleOrder order;
    private final Block.Source source;

    BlockRdd(SparkContext spark, ExampleOrder order, Block.Source source) {
        super(spark, JavaConverters.asScalaBuffer(List.of()), ClassTag.apply(Block.class));
        this.order = order;
        this.source = source;
    }

    /** Says all there is to say of a block, so that a task can name blocks without carrying a list of them. */
    private record Part(int index, int worker, int block) implements Partition {}

    /** The partition that holds a worker's block. */
    Partition partition(int worker, int block) {
        return new Part(order.firstBlock(worker) + block, worker, block);
    }

    @Override
    public Partition[] getPartitions() {
        int workers = order.plan().workers();
        return IntStream.range(0, workers)
                .boxed()
                .flatMap(worker -> IntStream.range(0, order.blocks(worker)).mapToObj(block -> partition(worker, block)))
                .toArray(Partition[]::new);
    }

    @Override
    public Iterator<Block> compute(Partition partition, TaskContext context) {
        Part part = (Part) partition;
        return JavaConverters.asScalaIterator(
                List.of(source.read(part.worker(), part.block())).iterator());
    }
}
