package org.convoy.model;

import java.util.List;
import java.util.Map;
import org.convoy.model.architecture.Architecture;

/**
 * What a model says of its origin; the entry {@code model-card.json} of its archive.
 *
 * @param formatVersion of this card
 * @param architecture name, one of {@link Architecture#names()}; {@code dl4j} for a network that came from DL4J alone, {@code
 *     ensemble} for several models in one
 * @param architectureChoices what was chosen of it, as {@link Architecture#choices()}; empty in a card from before there was
 *     a choice, for the network as it was published
 * @param input shape of one picture
 * @param classes class names in label order
 * @param normalisation how pixels are read
 * @param preparation how the encoded pictures of its dataset became pixels, so that scoring does the same: values of the keys
 *     below {@code prepare.image} but for the shape; empty in a card from before it was kept, and of a network of DL4J's
 * @param parameters number of parameters
 * @param datasetDigest SHA-256 (hex) of the manifest of the dataset it was trained on
 * @param configuration the effective configuration of the training run
 * @param metrics by name, e.g. {@code validation-accuracy}
 * @param seed of initial parameters and order of examples
 * @param created ISO-8601 instant
 * @param versions of Convoy, Java, Spark and DL4J
 * @param gitRevision of Convoy's sources
 * @param parentVersion the version of the same model that this one was trained from; 0 if from none
 * @param parents the models that this one comes from: one where it was trained from another, several in an ensemble
 */
public record ModelCard(
        int formatVersion,
        String architecture,
        Map<String, String> architectureChoices,
        InputShape input,
        List<String> classes,
        NormalisationCard normalisation,
        Map<String, String> preparation,
        long parameters,
        String datasetDigest,
        String configuration,
        Map<String, Double> metrics,
        long seed,
        String created,
        Map<String, String> versions,
        String gitRevision,
        int parentVersion,
        List<Parent> parents) {
    /** The card format this release reads and writes. */
    public static final int FORMAT_VERSION = 1;

    /**
     * Another model.
     *
     * @param from where it lay, as a path or as name and version
     * @param sha256 of its archive, hexadecimal
     */
    public record Parent(String from, String sha256) {}

    public ModelCard {
        if (formatVersion != FORMAT_VERSION) {
            throw new IllegalArgumentException("formatVersion must be " + FORMAT_VERSION + " but was " + formatVersion);
        }
        architectureChoices = Map.copyOf(architectureChoices);
        classes = List.copyOf(classes);
        preparation = Map.copyOf(preparation);
        metrics = Map.copyOf(metrics);
        versions = Map.copyOf(versions);
        parents = List.copyOf(parents);
    }
}
