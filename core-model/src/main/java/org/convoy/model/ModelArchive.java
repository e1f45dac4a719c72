package org.convoy.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.convoy.model.engine.NativeSettings;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.util.ModelSerializer;

/**
 * A model as one zip: what DL4J's {@code ModelSerializer} writes and reads, and beside it the entry {@code
 * model-card.json}. No Java-serialised object is written or ever read.
 */
public final class ModelArchive {
    /** The card's name in the archive, and of its copy beside it. */
    public static final String CARD_ENTRY = "model-card.json";

    /** What of the normalisation is too large for the card. */
    private static final String NORMALISATION_ENTRY = "normalisation.bin";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT, SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private final ModelCard card;
    private final byte[] zip;

    private ModelArchive(ModelCard card, byte[] zip) {
        this.card = card;
        this.zip = zip;
    }

    /**
     * Puts a trained network into an archive. All parameters are in it, also those that were frozen; the optimiser's state
     * only where none were, since DL4J has none for a part of a network.
     *
     * @param spec the network's specification
     * @param parameters θ, in {@link Replica#parameters()}'s order
     * @param optimiserState as of {@link Replica#optimiserState()}, or empty for none
     */
    public static ModelArchive of(
            NetworkSpec spec, FloatBuffer parameters, FloatBuffer optimiserState, ModelCard card) {
        Dl4jReplica replica = new Dl4jReplica(spec);
        replica.load(parameters, optimiserState, 0);
        boolean trainsOn = optimiserState.hasRemaining() && spec.frozenParameters() == 0;
        return of(replica.network(), trainsOn, spec.normalisation(), card);
    }

    /** Puts a network into an archive, with the optimiser's state if stock DL4J is to train on. */
    static ModelArchive of(Dl4jNetwork network, boolean trainsOn, Normalisation how, ModelCard card) {
        ByteArrayOutputStream stock = new ByteArrayOutputStream();
        try {
            ModelSerializer.writeModel(network.model(), stock, trainsOn);
            byte[] zip = withEntry(stock.toByteArray(), CARD_ENTRY, JSON.writeValueAsBytes(card));
            byte[] normalisation = NormalisationCard.beside(how);
            return new ModelArchive(
                    card, normalisation.length == 0 ? zip : withEntry(zip, NORMALISATION_ENTRY, normalisation));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads an archive's card; the network is read by {@link #classifier()}.
     *
     * @param zip the archive's bytes
     * @param where the archive's path, for messages
     * @throws BadModelException if it is no archive or its card is missing or wrong
     */
    public static ModelArchive read(byte[] zip, String where) {
        try {
            byte[] card = entry(zip, CARD_ENTRY);
            if (card == null) {
                throw new BadModelException(
                        "[" + where + "] is not a Convoy model: it has no entry " + CARD_ENTRY, null);
            }
            return new ModelArchive(readCard(card, where), zip);
        } catch (IOException e) {
            throw new BadModelException("[" + where + "] cannot be read as a model: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a card that lies beside its archive.
     *
     * @param where the card's path, for messages
     * @throws BadModelException if it is no card
     */
    public static ModelCard readCard(byte[] json, String where) {
        try {
            JsonNode card = JSON.readTree(json);
            if (card instanceof ObjectNode fields) { // what cards once did not have
                if (!fields.has("architectureChoices")) {
                    fields.putObject("architectureChoices");
                }
                if (!fields.has("parents")) {
                    fields.putArray("parents");
                }
            }
            return JSON.treeToValue(card, ModelCard.class);
        } catch (JsonProcessingException e) {
            throw new BadModelException(
                    "[" + where + "] has a " + CARD_ENTRY + " that cannot be read: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new BadModelException("[" + where + "] cannot be read: " + e.getMessage(), e);
        }
    }

    public ModelCard card() {
        return card;
    }

    /** The card as it stands in the archive, for a copy beside it. */
    public byte[] cardJson() {
        try {
            return JSON.writeValueAsBytes(card);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The archive's bytes; not a copy. */
    public byte[] zip() {
        return zip;
    }

    /**
     * Loads the network.
     *
     * @throws BadModelException if DL4J cannot read it
     */
    public Classifier classifier() {
        NativeSettings.ensureApplied();
        try {
            return new Classifier(Dl4jNetwork.of(model()), card, normalisation());
        } catch (IOException e) {
            throw new BadModelException("The archive's network cannot be read: " + e.getMessage(), e);
        }
    }

    private Model model() throws IOException {
        return model(zip);
    }

    /** The network in a zip of DL4J's, whether Convoy wrote it or not. */
    static Model model(byte[] zip) throws IOException {
        InputStream archive = new ByteArrayInputStream(zip);
        byte[] configuration = entry(zip, ModelSerializer.CONFIGURATION_JSON);
        return configuration != null && isGraph(new String(configuration, StandardCharsets.UTF_8))
                ? ModelSerializer.restoreComputationGraph(archive, false)
                : ModelSerializer.restoreMultiLayerNetwork(archive, false);
    }

    /** DL4J says in a configuration alone which of its two kinds of network it is of. */
    static boolean isGraph(String configuration) {
        try {
            return JSON.readTree(configuration).has("vertices");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    Normalisation normalisation() {
        try {
            byte[] beside = entry(zip, NORMALISATION_ENTRY);
            return card.normalisation().normalisation(beside == null ? new byte[0] : beside, card.input());
        } catch (IOException | IllegalArgumentException e) {
            throw new BadModelException("The archive's normalisation cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] withEntry(byte[] zip, String name, byte[] content) throws IOException {
        ByteArrayOutputStream extended = new ByteArrayOutputStream(zip.length + content.length);
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip));
                ZipOutputStream out = new ZipOutputStream(extended)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                out.putNextEntry(new ZipEntry(entry.getName()));
                in.transferTo(out);
            }
            out.putNextEntry(new ZipEntry(name));
            out.write(content);
        }
        return extended.toByteArray();
    }

    static byte[] entry(byte[] zip, String name) throws IOException {
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (entry.getName().equals(name)) {
                    return in.readAllBytes();
                }
            }
        }
        return null;
    }
}
