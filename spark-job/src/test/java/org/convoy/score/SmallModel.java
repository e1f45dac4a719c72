package org.convoy.score;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.convoy.model.InputShape;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.NormalisationCard;
import org.convoy.model.Optimiser;
import org.convoy.model.Replica;
import org.convoy.model.architecture.Architecture;

/** An untrained LeNet-5: what it says is arbitrary, and always the same. */
public final class SmallModel {
    public static final InputShape SHAPE = new InputShape(1, 28, 28);
    public static final Map<String, String> PREPARATION =
            Map.of("resize", "exact", "background", "#ffffff", "jpeg-decode", "full");

    private SmallModel() {}

    /** With the classes {@code "0"} and so on. */
    public static ModelArchive of(int classes, long seed, Map<String, String> preparation) {
        Normalisation scale = Normalisation.of("scale", List.of(0.0), List.of(1.0));
        NetworkSpec spec = new NetworkSpec(
                Architecture.named("lenet-5"), SHAPE, classes, scale, new Optimiser("sgd", 0.1, 0), seed);
        Replica replica = spec.replica();
        ModelCard card = new ModelCard(
                ModelCard.FORMAT_VERSION,
                "lenet-5",
                Map.of(),
                SHAPE,
                IntStream.range(0, classes).mapToObj(String::valueOf).toList(),
                NormalisationCard.of(scale),
                preparation,
                replica.parameters().remaining(),
                "ab12",
                "",
                Map.of(),
                seed,
                "2026-01-01T00:00:00Z",
                Map.of(),
                "abcdef0",
                0,
                List.of());
        return ModelArchive.of(spec, replica.parameters(), replica.optimiserState(), card);
    }
}
