package org.convoy.train;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convoy.model.InputShape;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.Optimiser;
import org.convoy.model.architecture.Architecture;
import org.convoy.runtime.UserError;

/**
 * A network whose rounds are taken apart.
 *
 * @param title on the command line
 * @param architecture by its label
 * @param input of random pictures
 * @param batchSize B
 * @param warmUp rounds of one batch each before: Spark's scheduler is compiled after hundreds, and a training has them
 * @param rounds measured
 * @param executorMib heap of one executor
 */
record ShareCase(String title, String architecture, InputShape input, int batchSize, int warmUp, int rounds, int executorMib) {
    static final int CLASSES = 10;

    private static final List<ShareCase> ALL = List.of(
            new ShareCase("lenet-5", "lenet-5", new InputShape(1, 28, 28), 64, 600, 100, 1024),
            new ShareCase("seed-cnn", "seed-cnn", new InputShape(1, 28, 28), 64, 600, 40, 1024),
            new ShareCase("vgg-16-small", "vgg-16", new InputShape(3, 32, 32), 64, 20, 4, 2048),
            new ShareCase("vgg-16", "vgg-16", new InputShape(3, 224, 224), 8, 4, 2, 5120));

    static ShareCase named(String title) {
        return ALL.stream()
                .filter(share -> share.title().equals(title))
                .findFirst()
                .orElseThrow(() -> UserError.usage("networks must be of "
                        + ALL.stream().map(ShareCase::title).toList() + " but was '" + title + "'"));
    }

    /** The titles of all networks that Convoy has. */
    static String defaults() {
        List<String> known = Architecture.names();
        return ALL.stream()
                .filter(share -> known.contains(share.architecture()))
                .map(ShareCase::title)
                .collect(Collectors.joining(","));
    }

    /** A rate so low that noise does not make it diverge. */
    NetworkSpec spec() {
        List<Double> perChannel =
                Stream.generate(() -> 127.5).limit(input.channels()).toList();
        return new NetworkSpec(
                Architecture.named(architecture),
                input,
                CLASSES,
                Normalisation.of("scale", perChannel, perChannel),
                new Optimiser("sgd", 1e-4, 0),
                1);
    }
}
