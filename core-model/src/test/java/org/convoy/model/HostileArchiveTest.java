package org.convoy.model;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Archives that are damaged, or that somebody made to do harm: one line says what is wrong, and nothing of them is executed. */
class HostileArchiveTest {
    private static final String CONFIGURATION = "configuration.json";
    private static final String COEFFICIENTS = "coefficients.bin";

    /** A sound archive's entries, of a chain and of a graph. */
    private static final Map<String, byte[]> LENET = entries(archive("lenet-5", new InputShape(1, 28, 28)));

    private static final Map<String, byte[]> RESNET = entries(archive("resnet-20", new InputShape(3, 8, 8)));

    /** Says so when it is deserialised, or initialised by name. */
    static boolean executed;

    /** What an attacker wants to run. */
    static final class Gadget implements Serializable {
        private static final long serialVersionUID = 1L;

        static {
            executed = true;
        }

        private Object readResolve() {
            executed = true;
            return this;
        }
    }

    @BeforeEach
    void nothingHasRun() {
        executed = false;
    }

    @Test
    void soundArchivesAreRead() {
        byte[] pixels = TestNetworks.pixels(2, new InputShape(1, 28, 28), 1);

        assertThat(ModelArchive.read(zip(LENET), "sound.zip").classifier().probabilities(pixels, 2))
                .hasSize(20);
        assertThat(ModelArchive.read(zip(RESNET), "sound.zip").card().architecture())
                .isEqualTo("resnet-20");
    }

    @Test
    void anArchiveThatIsCutOffAnywhereIsRefused() {
        byte[] whole = archive("resnet-20", new InputShape(3, 8, 8));
        for (int length = whole.length - 1; length > 3; length -= length > whole.length - 40 ? 1 : 9973) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> ModelArchive.read(cut, "cut.zip"))
                    .as("%d bytes of %d", length, whole.length)
                    .isInstanceOf(BadModelException.class)
                    .hasMessage("[cut.zip] is cut off");
        }
    }

    @Test
    void aFlippedBitIsNoticed() {
        byte[] damaged = zip(LENET);
        damaged[damaged.length / 2] ^= 1;

        refused(damaged, "[model.zip] is a damaged zip archive: ");
    }

    /** Stock DL4J deserialises this one whenever it restores a network. */
    @ParameterizedTest
    @ValueSource(strings = {"preprocessor.bin", "normalizer.bin", "updater.bin", "objects/anything", "model-card.json"})
    void javaSerialisedObjectsAreRefusedUnread(String entry) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(new Gadget());
        executed = false;

        refused(
                zip(with(LENET, entry, bytes.toByteArray())),
                "[model.zip] has an entry of Java-serialised objects, which are never read: " + entry);
        assertThat(executed).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "/etc/evil", "a/../../evil", "..", "C:evil", "a\\..\\evil"})
    void namesThatLeadOutAreRefused(String name) {
        refused(zip(with(LENET, name, new byte[1])), "[model.zip] has an entry that leads out of the archive: " + name);
    }

    @Test
    void anEntryThatInflatesToFarMoreThanTheArchiveIsRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            out.putNextEntry(new ZipEntry("zeros"));
            for (int mebibytes = 0; mebibytes < 300; mebibytes++) {
                out.write(new byte[1 << 20]);
            }
        }
        long most = (128L << 20) + 20L * bytes.size();

        refused(bytes.toByteArray(), "[model.zip] inflates to more than " + most + " bytes: no model does");
    }

    @Test
    void anEntryThatIsReadAsAWholeIsBounded() {
        byte[] large = new byte[(80 << 20) + 1];
        Arrays.fill(large, (byte) ' ');

        refused(
                zip(with(LENET, CONFIGURATION, large)),
                "[model.zip] has a configuration.json of more than 83886080 bytes: no model does");
    }

    @Test
    void manyEntriesAreRefused() {
        Map<String, byte[]> many = new LinkedHashMap<>(LENET);
        for (int i = 0; i < 200; i++) {
            many.put("more/" + i, new byte[0]);
        }

        refused(zip(many), "[model.zip] has more than 100 entries");
    }

    @ParameterizedTest
    @ValueSource(strings = {CONFIGURATION, COEFFICIENTS, "model-card.json"})
    void whatAModelNeedsMustBeThere(String entry) {
        Map<String, byte[]> incomplete = new LinkedHashMap<>(LENET);
        incomplete.remove(entry);

        refused(zip(incomplete), "[model.zip] is not a Convoy model: it has no entry " + entry);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json | [model.zip] has a configuration.json that is no JSON: ",
                "{} | [model.zip] has a configuration.json that is no network",
                "[1, 2] | [model.zip] has a configuration.json that is no network",
                "{\"confs\": []} | [model.zip] has ",
                "{\"confs\": 5} | [model.zip] has a configuration.json that is no network of DL4J: ",
                "{\"vertices\": {}} | [model.zip] has ",
                "{\"dist\": {\"type\": \"a.B\"}} | [model.zip] was written by a DL4J before 1.0.0-beta",
            })
    void aConfigurationThatIsNoNetworkIsRefused(String configuration, String message) {
        refused(zip(with(LENET, CONFIGURATION, configuration.getBytes(StandardCharsets.UTF_8))), message);
    }

    @Test
    void deepConfigurationsAreRefused() {
        String deep = "{\"confs\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";

        refused(
                zip(with(LENET, CONFIGURATION, deep.getBytes(StandardCharsets.UTF_8))),
                "[model.zip] has a configuration.json of more than 50 levels");
    }

    /** A class by name, in whichever way Jackson takes one: neither built nor initialised. */
    @Test
    void classesThatAreNoPartOfANetworkAreNotEvenLoaded() {
        String gadget = "org.evil." + Gadget.class.getSimpleName();
        String real = HostileArchiveTest.class.getName() + "$Gadget";
        for (String name : List.of(gadget, "java.lang.ProcessBuilder", "javax.swing.JEditorPane")) {
            refused(
                    zip(edited(LENET, json -> json.replace("org.deeplearning4j.nn.conf.layers.DenseLayer", name))),
                    "[model.zip] has a configuration.json that names the class " + name
                            + ", which is no part of a DL4J network");
        }
        // In Convoy's packages, but no layer.
        refused(
                zip(edited(LENET, json -> json.replace("org.deeplearning4j.nn.conf.layers.DenseLayer", real))),
                "[model.zip] has a configuration.json that names the class " + real);
        // Jackson takes an array of a class and a value as well.
        refused(
                zip(edited(
                        LENET,
                        json -> json.replaceFirst(
                                "\"activationFn\" : \\{[^}]*\\}", "\"activationFn\" : [\"" + gadget + "\", {}]"))),
                "[model.zip] has a configuration.json that names the class " + gadget);
        // And type parameters.
        String generic = "org.deeplearning4j.nn.conf.layers.DenseLayer<" + gadget + ">";
        refused(
                zip(edited(
                        RESNET,
                        json -> json.replaceFirst("org.deeplearning4j.nn.conf.layers.ConvolutionLayer", generic))),
                "[model.zip] has a configuration.json that names the class " + generic);
        assertThat(executed).isFalse();
    }

    @Test
    void parametersMustBeAsManyAsTheNetworkNeeds() throws IOException {
        refused(
                zip(with(LENET, COEFFICIENTS, array(431_079, 431_079 * 4))),
                "[model.zip] has 431079 parameters where its network needs 431080");
        refused(
                zip(with(LENET, COEFFICIENTS, array(1L << 40, 8))),
                "[model.zip] has a coefficients.bin of 8 bytes of values where 1099511627776 of FLOAT must be");
        refused(zip(with(LENET, COEFFICIENTS, "JUNKJUNK".getBytes(StandardCharsets.UTF_8))), "[model.zip] ");
        refused(zip(with(LENET, COEFFICIENTS, new byte[0])), "[model.zip] is cut off");
        refused(
                zip(edited(LENET, json -> json.replaceFirst("\"nout\" : 500", "\"nout\" : 500000000"))),
                "[model.zip] has 431080 parameters where its network needs ");
    }

    /** Nobody takes the shape at its word. */
    @Test
    void aWrongShapeOfTheParametersDoesNoHarm() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        buffer(out, 8, "LONG");
        for (long value : new long[] {2, 1, 1L << 40, 1L << 40, 1L << 40, 0, 1, 99}) {
            out.writeLong(value);
        }
        buffer(out, 431_080, "FLOAT");
        out.write(new byte[431_080 * 4]);

        float[] probabilities = ModelArchive.read(zip(with(LENET, COEFFICIENTS, bytes.toByteArray())), "model.zip")
                .classifier()
                .probabilities(new byte[28 * 28], 1);

        assertThat(probabilities).containsOnly(0.1f);
    }

    @Test
    void doublePrecisionIsRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        float[] values = Nd4j.read(new ByteArrayInputStream(LENET.get(COEFFICIENTS)))
                .data()
                .asFloat();
        buffer(out, 0, "LONG");
        buffer(out, values.length, "DOUBLE");
        for (float value : values) {
            out.writeDouble(value);
        }
        byte[] pixels = TestNetworks.pixels(2, new InputShape(1, 28, 28), 1);

        assertThat(ModelArchive.read(zip(with(LENET, COEFFICIENTS, bytes.toByteArray())), "model.zip")
                        .classifier()
                        .probabilities(pixels, 2))
                .isEqualTo(
                        ModelArchive.read(zip(LENET), "model.zip").classifier().probabilities(pixels, 2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"channels\" : 1 | \"channels\" : 3 | layer conv1 reads 1 values or channels but is given",
                "\"height\" : 28 | \"height\" : 36 | layer fc1 reads 800 values or channels but is given",
                "\"height\" : 28 | \"height\" : 2000000000 | ",
            })
    void aNetworkThatDoesNotReadTheCardsPicturesIsRefused(String before, String after, String reason) {
        Map<String, byte[]> other = with(
                LENET,
                "model-card.json",
                text(LENET, "model-card.json").replace(before, after).getBytes(StandardCharsets.UTF_8));

        BadModelException error = refused(zip(other), "[model.zip] has a network that cannot read pictures of ");
        assertThat(error.getMessage()).contains(reason == null ? "" : reason);
    }

    @Test
    void aNetworkOfOtherClassesIsRefused() {
        Map<String, byte[]> other = with(
                RESNET,
                "model-card.json",
                text(RESNET, "model-card.json")
                        .replace("\"class9\"", "\"class9\", \"more\"")
                        .getBytes(StandardCharsets.UTF_8));

        refused(zip(other), "[model.zip] has a network that answers with ");
    }

    /** Padding costs no parameters, but memory. */
    @Test
    void activationsThatFitNoMemoryAreRefused() {
        refused(
                zip(edited(
                        LENET,
                        json -> json.replaceFirst("\"padding\" : \\[ 0, 0 \\]", "\"padding\" : [ 100000, 100000 ]"))),
                "[model.zip] has a network that cannot read pictures of 1x28x28: layer conv1 makes ");
    }

    @Test
    void aCardMustBeOne() {
        refused(
                zip(with(LENET, "model-card.json", "null".getBytes(StandardCharsets.UTF_8))),
                "[model.zip] has a model-card.json");
    }

    private static BadModelException refused(byte[] zip, String message) {
        try {
            ModelArchive.read(zip, "model.zip");
        } catch (BadModelException e) {
            assertThat(e.getMessage()).startsWith(message).doesNotContain("\n");
            return e;
        }
        throw new AssertionError("was read, where this must be said: " + message);
    }

    private static byte[] array(long length, int bytes) throws IOException {
        ByteArrayOutputStream array = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(array);
        buffer(out, 0, "LONG");
        buffer(out, length, "FLOAT");
        out.write(new byte[bytes]);
        return array.toByteArray();
    }

    private static void buffer(DataOutputStream out, long length, String type) throws IOException {
        out.writeUTF("MIXED_DATA_TYPES");
        out.writeLong(length);
        out.writeUTF(type);
    }

    private static String text(Map<String, byte[]> entries, String name) {
        return new String(entries.get(name), StandardCharsets.UTF_8);
    }

    private static Map<String, byte[]> edited(Map<String, byte[]> entries, UnaryOperator<String> edit) {
        String before = text(entries, CONFIGURATION);
        String after = edit.apply(before);
        assertThat(after).isNotEqualTo(before);
        return with(entries, CONFIGURATION, after.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, byte[]> with(Map<String, byte[]> entries, String name, byte[] content) {
        Map<String, byte[]> changed = new LinkedHashMap<>(entries);
        changed.put(name, content);
        return changed;
    }

    private static byte[] zip(Map<String, byte[]> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static Map<String, byte[]> entries(byte[] zip) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return entries;
    }

    private static byte[] archive(String architecture, InputShape input) {
        NetworkSpec spec = TestNetworks.spec(architecture, input);
        ModelCard card = new ModelCard(
                ModelCard.FORMAT_VERSION,
                architecture,
                spec.topology().choices(),
                input,
                List.of(
                        "class0", "class1", "class2", "class3", "class4", "class5", "class6", "class7", "class8",
                        "class9"),
                NormalisationCard.of(spec.normalisation()),
                Map.of(),
                1,
                "ab12",
                "",
                new HashMap<>(),
                7,
                "2026-01-01T00:00:00Z",
                Map.of(),
                "abcdef0",
                0,
                List.of());
        return ModelArchive.of(spec, spec.replica().parameters(), FloatBuffer.allocate(0), card)
                .zip();
    }
}
