package org.convoy.train;

import java.util.SplittableRandom;
import org.convoy.model.InputShape;

/** Blocks of random pictures, brighter for a higher class: made from a row's number alone, on whichever executor. */
record RandomBlocks(ExampleOrder order, InputShape input, int classes) implements Block.Source {
    @Override
    public Block read(int worker, int number) {
        int first = order.firstRow(worker, number);
        int[] labels = new int[order.firstRow(worker, number + 1) - first];
        byte[] pixels = new byte[labels.length * input.size()];
        for (int i = 0; i < labels.length; i++) {
            SplittableRandom random = new SplittableRandom(order.plan().firstRow(worker) + first + i);
            labels[i] = random.nextInt(classes);
            for (int pixel = i * input.size(); pixel < (i + 1) * input.size(); pixel++) {
                pixels[pixel] = (byte) (random.nextInt(100) + 70 * labels[i]);
            }
        }
        return new Block(labels, pixels);
    }

    /** What a worker's task would see. */
    Shard shard(int worker) {
        return new Shard(worker, order, number -> read(worker, number));
    }
}
