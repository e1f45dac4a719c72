package org.convoy.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.data.Offset;
import org.convoy.data.Example;
import org.convoy.data.ExampleReader;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Sha256;
import org.convoy.data.Split;

/** Reads prepared datasets whole. */
final class Datasets {
    static final Offset<Double> NEARLY = Offset.offset(1e-9);

    private Datasets() {}

    static Configuration hadoop() {
        return LocalSpark.session().sparkContext().hadoopConfiguration();
    }

    static PreparedDataset open(Path directory) {
        return PreparedDataset.open(hadoop(), directory.toString());
    }

    static List<Example> examples(PreparedDataset dataset, Split split) {
        Manifest.SplitContent content = dataset.manifest().split(split);
        List<Example> examples = new ArrayList<>();
        ExampleReader.read(hadoop(), dataset.path(), content.files(), 0, content.rows(), examples::add);
        return examples;
    }

    static List<Example> examples(PreparedDataset dataset) {
        List<Example> examples = new ArrayList<>();
        for (Split split : Split.values()) {
            examples.addAll(examples(dataset, split));
        }
        return examples;
    }

    /** The split of each picture by id. */
    static Map<String, Split> splits(PreparedDataset dataset) {
        Map<String, Split> splits = new LinkedHashMap<>();
        for (Split split : Split.values()) {
            examples(dataset, split).forEach(example -> splits.put(example.id(), split));
        }
        return splits;
    }

    static IntStream unsigned(byte[] bytes) {
        return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF);
    }

    static String hash(Path file) {
        try {
            return Sha256.hex(Sha256.of(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
