package org.convoy.train;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * One worker's part of the train split, as the worker's task sees it: blocks that come out of Spark's storage when they are
 * asked for. It lives as long as its task, is used in the task's thread alone, and never travels.
 */
final class Shard {
    private final int worker;
    private final ExampleOrder order;
    private final IntFunction<Block> blocks;

    /**
     * @param worker whose shard it is, 0 to K - 1
     * @param order how it is cut and trained
     * @param blocks fetches a block of this shard by its number
     */
    Shard(int worker, ExampleOrder order, IntFunction<Block> blocks) {
        this.worker = worker;
        this.order = order;
        this.blocks = blocks;
    }

    int worker() {
        return worker;
    }

    ExampleOrder order() {
        return order;
    }

    /** Fetches the blocks of one window of an epoch. */
    Window window(int epoch, int number) {
        int[] numbers = order.blocks(worker, epoch, number);
        List<Block> fetched = Arrays.stream(numbers).mapToObj(blocks).toList();
        long[] firstExamples = Arrays.stream(numbers)
                .mapToLong(block -> order.plan().firstRow(worker) + order.firstRow(worker, block))
                .toArray();
        int blockRows = order.blockRows();
        int[] rows = order.rows(
                worker, epoch, number, row -> fetched.get(row / blockRows).labels()[row % blockRows]);
        return new Window(
                order.firstPosition(worker, number),
                blockRows,
                fetched,
                firstExamples,
                rows,
                order.plan().rows());
    }

    /** An epoch's windows in the order of training, each fetched when it is asked for. */
    Iterator<Window> windows(int epoch) {
        return IntStream.range(0, order.windows(worker))
                .mapToObj(number -> window(epoch, number))
                .iterator();
    }

    /** Fetches every block once, so that Spark stores it where this task runs. Returns the shard's rows. */
    long load() {
        return IntStream.range(0, order.blocks(worker))
                .mapToLong(block -> blocks.apply(block).labels().length)
                .sum();
    }
}
