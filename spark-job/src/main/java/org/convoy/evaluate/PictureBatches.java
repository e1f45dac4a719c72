package org.convoy.evaluate;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.convoy.data.Example;
import org.convoy.data.ExampleReader;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;

/** Reads a range of a split's rows in batches, on an executor. */
final class PictureBatches {
    /** Enough to keep the network busy, few enough to stay small in memory. */
    private static final int BATCH_SIZE = 256;

    private final Reader reader;
    private final List<Example> batch = new ArrayList<>(BATCH_SIZE);
    private long firstRow;

    /** Takes a batch. */
    @FunctionalInterface
    interface Reader {
        /**
         * Takes a batch.
         *
         * @param firstRow of the batch, counted from the split's first
         * @param examples of the batch
         * @param pixels of all of them, uint8, N·C·H·W
         */
        void take(long firstRow, List<Example> examples, byte[] pixels);
    }

    private PictureBatches(Reader reader, long firstRow) {
        this.reader = reader;
        this.firstRow = firstRow;
    }

    static void read(
            Configuration hadoop, PreparedDataset dataset, Split split, EvaluationTask.Rows rows, Reader reader) {
        PictureBatches batches = new PictureBatches(reader, rows.from());
        ExampleReader.read(
                hadoop, dataset.path(), dataset.manifest().split(split).files(), rows.from(), rows.to(), batches::add);
        batches.flush();
    }

    private void add(Example example) {
        batch.add(example);
        if (batch.size() == BATCH_SIZE) {
            flush();
        }
    }

    private void flush() {
        if (batch.isEmpty()) {
            return;
        }
        int size = batch.get(0).pixels().length;
        byte[] pixels = new byte[batch.size() * size];
        for (int i = 0; i < batch.size(); i++) {
            System.arraycopy(batch.get(i).pixels(), 0, pixels, i * size, size);
        }
        reader.take(firstRow, batch, pixels);
        firstRow += batch.size();
        batch.clear();
    }
}
