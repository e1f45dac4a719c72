package org.convoy.model.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.awt.image.BufferedImage;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * What scoring is without a framework: one loop around libtorch through DJL, which reads pictures, runs the network over a batch and
 * writes the probabilities. It obeys one command per line of its input, and answers with the seconds that it took:
 *
 * <pre>
 * pixels FILE ANSWERS      FILE is unsigned bytes, N·C·H·W
 * files DIRECTORY ANSWERS  every file below it, in the order of names, is a picture of the network's size; the JDK decodes
 * </pre>
 *
 * ANSWERS becomes float32, big-endian, N·classes.
 */
final class LibtorchScoring {
    private static final int BATCH_SIZE = 256;

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());
    private final BenchNetwork definition;
    private final SequentialBlock network;
    private final ParameterStore parameters = new ParameterStore(manager, false);

    private LibtorchScoring(BenchNetwork definition, Path parameterFile) throws IOException {
        this.definition = definition;
        network = LibtorchPeer.network(definition);
        network.initialize(manager, DataType.FLOAT32, new Shape(1, definition.channels(), definition.size(), definition.size()));
        LibtorchPeer.load(parameterFile, network);
        JniUtils.setGradMode(false);
    }

    /** Arguments: network, channels, size, file of parameters. */
    public static void main(String[] arguments) throws IOException {
        BenchNetwork definition = BenchNetwork.named(arguments[0])
                .reading(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
        LibtorchScoring loop = new LibtorchScoring(definition, Path.of(arguments[3]));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] command = line.split(" ", -1);
            long start = System.nanoTime();
            if (command[0].equals("pixels")) {
                loop.scorePixels(Path.of(command[1]), Path.of(command[2]));
            } else {
                loop.scoreFiles(Path.of(command[1]), Path.of(command[2]));
            }
            System.out.println(PeerProcess.ANSWER + (System.nanoTime() - start) / 1e9);
            System.out.flush();
        }
        System.exit(0); // DJL leaves threads behind
    }

    private void scorePixels(Path file, Path answers) throws IOException {
        int picture = definition.channels() * definition.size() * definition.size();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20);
                DataOutputStream out = output(answers)) {
            for (byte[] batch = in.readNBytes(BATCH_SIZE * picture);
                    batch.length > 0;
                    batch = in.readNBytes(BATCH_SIZE * picture)) {
                score(batch, batch.length / picture, out);
            }
        }
    }

    private void scoreFiles(Path directory, Path answers) throws IOException {
        int picture = definition.channels() * definition.size() * definition.size();
        try (Stream<Path> all = Files.walk(directory);
                DataOutputStream out = output(answers)) {
            List<Path> files = all.filter(Files::isRegularFile).sorted().toList();
            Iterator<Path> next = files.iterator();
            while (next.hasNext()) {
                byte[] batch = new byte[BATCH_SIZE * picture];
                int count = 0;
                while (count < BATCH_SIZE && next.hasNext()) {
                    decode(next.next(), batch, count * picture);
                    count++;
                }
                score(batch, count, out);
            }
        }
    }

    /** To C·H·W, R-G-B. */
    private void decode(Path file, byte[] to, int offset) throws IOException {
        BufferedImage image = ImageIO.read(file.toFile());
        int size = definition.size();
        int[] rgb = image.getRGB(0, 0, size, size, null, 0, size);
        for (int i = 0; i < rgb.length; i++) {
            to[offset + i] = (byte) (rgb[i] >> 16);
            to[offset + rgb.length + i] = (byte) (rgb[i] >> 8);
            to[offset + 2 * rgb.length + i] = (byte) rgb[i];
        }
    }

    private void score(byte[] pixels, int pictures, DataOutputStream out) throws IOException {
        int values = pictures * definition.channels() * definition.size() * definition.size();
        Shape shape = new Shape(pictures, definition.channels(), definition.size(), definition.size());
        // Intermediates live as long as the manager of their inputs.
        try (NDManager step = manager.newSubManager();
                NDArray bytes = step.create(ByteBuffer.wrap(pixels, 0, values), shape, DataType.UINT8)) {
            NDArray x = bytes.toType(DataType.FLOAT32, false).div(127.5f).sub(1f);
            float[] probabilities = network.forward(parameters, new NDList(x), false)
                    .singletonOrThrow()
                    .softmax(1)
                    .toFloatArray();
            ByteBuffer answers = ByteBuffer.allocate(Float.BYTES * probabilities.length);
            answers.asFloatBuffer().put(probabilities);
            out.write(answers.array());
        }
    }

    private static DataOutputStream output(Path file) throws IOException {
        return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20));
    }
}
