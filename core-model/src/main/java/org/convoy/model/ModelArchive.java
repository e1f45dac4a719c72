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
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.convoy.model.engine.NativeSettings;
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

    private static final Set<String> WHOLE_ENTRIES =
            Set.of(CARD_ENTRY, ModelSerializer.CONFIGURATION_JSON, NORMALISATION_ENTRY);

    /** What was read of an archive, beside its card. */
    private record Contents(ArchivedNetwork network, Normalisation normalisation) {}

    private final ModelCard card;
    private final byte[] zip;

    /** Null in an archive that was made here, until somebody wants to see it. */
    private final Contents contents;

    private ModelArchive(ModelCard card, byte[] zip, Contents contents) {
        this.card = card;
        this.zip = zip;
        this.contents = contents;
    }

    /**
     * Puts a trained network into an archive.
     *
     * @param spec the network's specification
     * @param parameters θ, in {@link Replica#parameters()}'s order
     * @param optimiserState as of {@link Replica#optimiserState()}, or empty for none
     */
    public static ModelArchive of(
            NetworkSpec spec, FloatBuffer parameters, FloatBuffer optimiserState, ModelCard card) {
        Dl4jReplica replica = new Dl4jReplica(spec);
        replica.load(parameters, optimiserState, 0);
        ByteArrayOutputStream stock = new ByteArrayOutputStream();
        try {
            ModelSerializer.writeModel(replica.network().model(), stock, optimiserState.hasRemaining());
            byte[] zip = withEntry(stock.toByteArray(), CARD_ENTRY, JSON.writeValueAsBytes(card));
            byte[] normalisation = NormalisationCard.beside(spec.normalisation());
            return new ModelArchive(
                    card, normalisation.length == 0 ? zip : withEntry(zip, NORMALISATION_ENTRY, normalisation), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads an archive that may come from anybody, and checks all of it; the network is built by {@link #classifier()}.
     *
     * @param zip the archive's bytes
     * @param where the archive's path, for messages
     * @throws BadModelException if it is no model, is damaged, or holds what a model has no need of: Java-serialised objects, names
     *     that lead out of it, far more than its size or its network justifies, classes that are no part of a network
     */
    public static ModelArchive read(byte[] zip, String where) {
        Map<String, byte[]> entries = new HashMap<>();
        AtomicReference<StoredParameters> parameters = new AtomicReference<>();
        ArchiveEntries.visit(zip, where, (name, content) -> {
            if (WHOLE_ENTRIES.contains(name)) {
                entries.put(name, ArchiveEntries.whole(name, content, where));
            } else if (name.equals(ModelSerializer.COEFFICIENTS_BIN)) {
                parameters.set(StoredParameters.scan(content, where));
            }
        });
        ModelCard card = readCard(required(entries.get(CARD_ENTRY), CARD_ENTRY, where), where);
        ArchivedNetwork network = ArchivedNetwork.of(
                required(entries.get(ModelSerializer.CONFIGURATION_JSON), ModelSerializer.CONFIGURATION_JSON, where),
                required(parameters.get(), ModelSerializer.COEFFICIENTS_BIN, where),
                where);
        network.requireReads(card.input(), card.classes().size());
        Normalisation normalisation =
                normalisation(card, entries.getOrDefault(NORMALISATION_ENTRY, new byte[0]), where);
        return new ModelArchive(card, zip, new Contents(network, normalisation));
    }

    private static <T> T required(T content, String entry, String where) {
        if (content == null) {
            throw new BadModelException("[" + where + "] is not a Convoy model: it has no entry " + entry, null);
        }
        return content;
    }

    private static Normalisation normalisation(ModelCard card, byte[] beside, String where) {
        try {
            return card.normalisation().normalisation(beside, card.input());
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new BadModelException(
                    "[" + where + "] has a normalisation that cannot be read: " + e.getMessage(), e);
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
            if (card instanceof ObjectNode fields && !fields.has("architectureChoices")) {
                fields.putObject("architectureChoices"); // cards once had no such field
            }
            ModelCard read = JSON.treeToValue(card, ModelCard.class);
            if (read == null) {
                throw new BadModelException("[" + where + "] has a " + CARD_ENTRY + " without a card", null);
            }
            return read;
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

    /** Builds the network. */
    public Classifier classifier() {
        NativeSettings.ensureApplied();
        if (contents == null) {
            return read(zip, "the new archive").classifier();
        }
        return new Classifier(Dl4jNetwork.of(contents.network().load(zip)), card, contents.normalisation());
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
}
