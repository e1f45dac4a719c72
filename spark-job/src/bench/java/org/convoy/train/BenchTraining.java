package org.convoy.train;

import java.nio.FloatBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.evaluate.Evaluator;
import org.convoy.model.InputShape;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.NormalisationCard;
import org.convoy.model.Optimiser;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.augment.TestTimeAugmentation;

/** The same small steps around training that the job takes, without its checkpoints, reports and versions. */
final class BenchTraining {
    static final int BATCH_SIZE = 64;

    private static final EpochTrainer.AfterRound NOTHING = (rounds, reached) -> {};

    private BenchTraining() {}

    /** The network for that dataset, on pixels in [-1, 1]. */
    static NetworkSpec spec(Architecture architecture, PreparedDataset dataset, Optimiser optimiser, long seed) {
        Manifest manifest = dataset.manifest();
        ImageShape shape = manifest.shape();
        return new NetworkSpec(
                architecture,
                new InputShape(shape.channels(), shape.height(), shape.width()),
                manifest.classes().size(),
                Normalisation.of("scale", manifest.mean(), manifest.standardDeviation()),
                optimiser,
                seed);
    }

    /** Trains one epoch; everything must be numbers afterwards. */
    static EpochTrainer.Epoch epoch(BenchCluster cluster, String title, EpochTrainer trainer, int epoch) {
        EpochTrainer.Epoch trained = cluster.phases().run(title + ", epoch " + (epoch + 1), progress -> {
            EpochTrainer.Epoch result = trainer.train(epoch, List.of(), NOTHING, progress);
            progress.result(result.trained() + " of " + result.planned() + " examples");
            return result;
        });
        if (!Double.isFinite(trained.loss())) {
            throw new IllegalStateException(title + ": the loss must be a number but was " + trained.loss());
        }
        return trained;
    }

    /** A network as {@code train} would write it, trained on that dataset. */
    static ModelArchive archive(PreparedDataset dataset, NetworkSpec spec, State state) {
        return archive(
                spec,
                state.parameters(),
                dataset.manifest().classes(),
                dataset.manifest().preparation(),
                dataset.manifestDigest());
    }

    /** A network as {@code train} would write it. */
    static ModelArchive archive(
            NetworkSpec spec,
            FloatBuffer parameters,
            List<String> classes,
            Map<String, String> preparation,
            String datasetDigest) {
        ModelCard card = new ModelCard(
                ModelCard.FORMAT_VERSION,
                spec.topology().name(),
                spec.topology().choices(),
                spec.input(),
                classes,
                NormalisationCard.of(spec.normalisation()),
                preparation,
                parameters.remaining(),
                datasetDigest,
                "",
                Map.of(),
                spec.seed(),
                Instant.now().toString(),
                Map.of(),
                "",
                0,
                List.of());
        return ModelArchive.of(spec, parameters, FloatBuffer.allocate(0), card);
    }

    /** Share of the test split that a trained network names rightly. */
    static double testAccuracy(BenchCluster cluster, PreparedDataset dataset, NetworkSpec spec, State state) {
        ModelArchive archive = archive(dataset, spec, state);
        return Evaluator.evaluate(cluster.spark(), dataset, Split.TEST, archive, TestTimeAugmentation.NONE).accuracy();
    }
}
