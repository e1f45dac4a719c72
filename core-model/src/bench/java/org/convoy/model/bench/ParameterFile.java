package org.convoy.model.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The learned parameters of a network, in the order of its layers, weights before biases and scale before shift. Convolution
 * weights are [outputs, inputs, H, W], dense ones [outputs, inputs], both in C order.
 */
final class ParameterFile {
    private ParameterFile() {}

    static void write(Path file, List<float[]> parameters) throws IOException {
        try (DataOutputStream output =
                new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20))) {
            output.writeInt(parameters.size());
            for (float[] parameter : parameters) {
                ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * parameter.length);
                bytes.asFloatBuffer().put(parameter);
                output.writeInt(parameter.length);
                output.write(bytes.array());
            }
        }
    }

    static List<float[]> read(Path file) throws IOException {
        try (DataInputStream input =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
            List<float[]> parameters = new ArrayList<>();
            int count = input.readInt();
            for (int i = 0; i < count; i++) {
                byte[] bytes = new byte[Float.BYTES * input.readInt()];
                input.readFully(bytes);
                float[] parameter = new float[bytes.length / Float.BYTES];
                ByteBuffer.wrap(bytes).asFloatBuffer().get(parameter);
                parameters.add(parameter);
            }
            return parameters;
        }
    }
}
