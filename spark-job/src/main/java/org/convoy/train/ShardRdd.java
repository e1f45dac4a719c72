package org.convoy.train;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.NarrowDependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerBlockUpdated;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.RDDBlockId;
import org.apache.spark.storage.StorageLevel;
import org.convoy.runtime.Phases;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.collection.immutable.Range;
import scala.reflect.ClassTag;

/**
 * The train split as K partitions of one {@link Shard} each. What Spark stores are the blocks below; a shard only fetches
 * them, in its task. Spark sends a worker's task to where the first stored one of its blocks lies.
 */
final class ShardRdd extends RDD<Shard> {
    private static final long serialVersionUID = 1L;

    private final ExampleOrder order;
    private final BlockRdd blocks;

    private ShardRdd(SparkContext spark, ExampleOrder order, BlockRdd blocks) {
        super(
                spark,
                JavaConverters.asScalaBuffer(List.of(new BlocksOfShard(blocks, order))),
                ClassTag.apply(Shard.class));
        this.order = order;
        this.blocks = blocks;
    }

    /**
     * Nothing is read yet.
     *
     * @param storage of the blocks
     */
    static ShardRdd of(SparkContext spark, ExampleOrder order, Block.Source source, StorageLevel storage) {
        BlockRdd blocks = new BlockRdd(spark, order, source);
        blocks.setName("blocks of the train split");
        blocks.persist(storage);
        return new ShardRdd(spark, order, blocks);
    }

    private record Part(int index) implements Partition {}

    private static final class BlocksOfShard extends NarrowDependency<Block> {
        private static final long serialVersionUID = 1L;

        private final ExampleOrder order;

        BlocksOfShard(BlockRdd blocks, ExampleOrder order) {
            super(blocks);
            this.order = order;
        }

        @Override
        public Seq<Object> getParents(int worker) {
            return new Range(order.firstBlock(worker), order.firstBlock(worker + 1), 1);
        }
    }

    @Override
    public Partition[] getPartitions() {
        return IntStream.range(0, order.plan().workers()).mapToObj(Part::new).toArray(Partition[]::new);
    }

    @Override
    public Iterator<Shard> compute(Partition partition, TaskContext context) {
        int worker = partition.index();
        Shard shard = new Shard(worker, order, number -> fetch(blocks.partition(worker, number), context));
        return JavaConverters.asScalaIterator(List.of(shard).iterator());
    }

    private Block fetch(Partition partition, TaskContext context) {
        Iterator<Block> stored = blocks.iterator(partition, context);
        Block block = stored.next();
        // At its end the iterator releases Spark's lock, without which the block could not leave memory before the task
        // ends.
        if (stored.hasNext()) {
            throw new IllegalStateException("partition " + partition.index() + " must hold one block but has more");
        }
        return block;
    }

    /** Reads every block once, where the worker that trains it will find it. Returns the rows of all. */
    long load(Phases.Progress progress) {
        EpochPlan plan = order.plan();
        int total = order.firstBlock(plan.workers());
        String text = plan.workers() + " workers, " + plan.rows() + " examples in " + total + " blocks";
        SparkListener stored = new SparkListener() {
            private final BitSet seen = new BitSet();

            @Override
            public void onBlockUpdated(SparkListenerBlockUpdated event) {
                BlockId id = event.blockUpdatedInfo().blockId();
                if (id instanceof RDDBlockId block && block.rddId() == blocks.id()) {
                    seen.set(block.splitIndex());
                    progress.at(seen.cardinality(), total, text);
                }
            }
        };
        context().addSparkListener(stored);
        long rows;
        try {
            rows = toJavaRDD().map(Shard::load).reduce(Long::sum);
        } finally {
            context().removeSparkListener(stored);
        }
        progress.at(total, total, text);
        return rows;
    }

    /** Frees the blocks: shards themselves are stored nowhere. */
    @Override
    public ShardRdd unpersist(boolean blocking) {
        blocks.unpersist(blocking);
        return this;
    }
}
