package org.convoy.model;

import java.util.List;
import java.util.Map;

/**
 * What a model says of its origin; the entry {@code model-card.json} of its archive.
 *
 * @param formatVersion of this card
 * @param architecture name, as {@link Architecture#label()}
 * @param input shape of one picture
 * @param classes class names in label order
 * @param normalisation how pixels are read
 * @param parameters number of parameters
 * @param datasetDigest SHA-256 (hex) of the manifest of the dataset it was trained on
 * @param configuration the effective configuration of the training run
 * @param metrics by name, e.g. {@code validation-accuracy}
 * @param seed of initial parameters and order of examples
 * @param created ISO-8601 instant
 * @param versions of Convoy, Java, Spark and DL4J
 * @param gitRevision of Convoy's sources
 * @param parentVersion the version this one was trained from; 0 if from scratch
 */
public record ModelCard(
        int formatVersion,
        String architecture,
        InputShape input,
        List<String> classes,
        NormalisationCard normalisation,
        long parameters,
        String datasetDigest,
        String configuration,
        Map<String, Double> metrics,
        long seed,
        String created,
        Map<String, String> versions,
        String gitRevision,
        int parentVersion) {
    /** The card format this release reads and writes. */
    public static final int FORMAT_VERSION = 1;

    public ModelCard {
        if (formatVersion != FORMAT_VERSION) {
            throw new IllegalArgumentException("formatVersion must be " + FORMAT_VERSION + " but was " + formatVersion);
        }
        classes = List.copyOf(classes);
        metrics = Map.copyOf(metrics);
        versions = Map.copyOf(versions);
    }
}
