package org.convoy.data;

import java.util.List;
import java.util.Map;

/** A small valid manifest. */
final class Manifests {
    private Manifests() {}

    static Manifest small() {
        return new Manifest(
                Manifest.FORMAT_VERSION,
                new ImageShape(1, 2, 3),
                Colour.GREY,
                List.of("cat", "dog"),
                false,
                Map.of(
                        "train",
                        new Manifest.SplitContent(
                                5,
                                List.of(3L, 2L),
                                List.of(
                                        new Manifest.DataFile("split=train/part-00000.parquet", 4, 400, "aa"),
                                        new Manifest.DataFile("split=train/part-00001.parquet", 1, 100, "bb"))),
                        "validation",
                        new Manifest.SplitContent(0, List.of(0L, 0L), List.of()),
                        "test",
                        new Manifest.SplitContent(0, List.of(0L, 0L), List.of())),
                new Manifest.Counts(8, 5, Map.of("truncated", 2L), 1, 1),
                List.of(new Manifest.DataFile("_rejected/part-00000.parquet", 2, 50, "cc")),
                List.of(127.25),
                List.of(0.1),
                new Manifest.PixelSums(6, List.of(765L), List.of(97539L)),
                Statistics.MEAN_PICTURE,
                List.of(new Manifest.DataFile("preprocessing/part-00000.parquet", 6, 60, "dd")),
                "all to train",
                Map.of("prepare.input", "/in"),
                new Manifest.Versions("0.1", "3.5.5", "17"),
                List.of(new Manifest.Run(
                        new Manifest.Counts(1, 1, Map.of(), 0, 0),
                        Map.of("prepare.input", "/more"),
                        new Manifest.Versions("0.2", "3.5.6", "17"))));
    }
}
