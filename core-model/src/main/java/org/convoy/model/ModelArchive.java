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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.Deflater;
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

    private static final Set<String> WHOLE_ENTRIES =
            Set.of(CARD_ENTRY, ModelSerializer.CONFIGURATION_JSON, NORMALISATION_ENTRY);

    /** The entries that count: small ones whole, of the parameters what they are. */
    private record Entries(Map<String, byte[]> whole, StoredParameters parameters) {
        static Entries of(byte[] zip, String where) {
            Map<String, byte[]> whole = new HashMap<>();
            AtomicReference<StoredParameters> parameters = new AtomicReference<>();
            ArchiveEntries.visit(zip, where, (name, content) -> {
                if (WHOLE_ENTRIES.contains(name)) {
                    whole.put(name, ArchiveEntries.whole(name, content, where));
                } else if (name.equals(ModelSerializer.COEFFICIENTS_BIN)) {
                    parameters.set(StoredParameters.scan(content, where));
                }
            });
            return new Entries(whole, parameters.get());
        }

        ArchivedNetwork network(String where) {
            return ArchivedNetwork.of(
                    required(whole.get(ModelSerializer.CONFIGURATION_JSON), ModelSerializer.CONFIGURATION_JSON, where),
                    required(parameters, ModelSerializer.COEFFICIENTS_BIN, where),
                    where);
        }
    }

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
        Entries entries = Entries.of(zip, where);
        ModelCard card = readCard(required(entries.whole().get(CARD_ENTRY), CARD_ENTRY, where), where);
        ArchivedNetwork network = entries.network(where);
        network.requireReads(
                card.normalisation().read(card.input()), card.classes().size());
        byte[] beside = entries.whole().getOrDefault(NORMALISATION_ENTRY, new byte[0]);
        Normalisation normalisation = normalisation(card, beside, where);
        return new ModelArchive(card, zip, new Contents(network, normalisation));
    }

    /**
     * Reads an archive that DL4J alone may have written, and checks it in the same way.
     *
     * @return empty if it has no card
     */
    static Optional<ModelArchive> readIfConvoys(byte[] zip, String where) {
        return Entries.of(zip, where).whole().containsKey(CARD_ENTRY)
                ? Optional.of(read(zip, where))
                : Optional.empty();
    }

    /** The network of an archive that DL4J alone wrote, on stock layers. */
    static Model stockModel(byte[] zip, String where) {
        return Entries.of(zip, where).network(where).load(zip);
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
            if (card instanceof ObjectNode fields) { // what cards once did not have
                if (!fields.has("architectureChoices")) {
                    fields.putObject("architectureChoices");
                }
                if (!fields.has("preparation")) {
                    fields.putObject("preparation");
                }
                if (!fields.has("parents")) {
                    fields.putArray("parents");
                }
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
        return new Classifier(Dl4jNetwork.of(model()), card, normalisation());
    }

    /** The network on stock layers. */
    Model model() {
        return contents().network().load(zip);
    }

    Normalisation normalisation() {
        return contents().normalisation();
    }

    private Contents contents() {
        return contents == null ? read(zip, "the new archive").contents : contents;
    }

    /** DL4J says in a configuration alone which of its two kinds of network it is of. */
    static boolean isGraph(String configuration) {
        try {
            return JSON.readTree(configuration).has("vertices");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] withEntry(byte[] zip, String name, byte[] content) throws IOException {
        ByteArrayOutputStream extended = new ByteArrayOutputStream(zip.length + content.length);
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip));
                ZipOutputStream out = new ZipOutputStream(extended)) {
            // Weights hardly compress, and would be inflated wherever they are read.
            out.setLevel(Deflater.NO_COMPRESSION);
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
