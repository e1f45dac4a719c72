package org.convoy.model.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.convoy.model.engine.NativeSettings;
import org.deeplearning4j.util.ModelSerializer;

/** Writes the parameters of a model archive as a {@link ParameterFile}, for peers that read no archives. */
final class ExportParameters {
    private ExportParameters() {}

    /** Arguments: archive, file. */
    public static void main(String[] arguments) throws IOException {
        NativeSettings.apply(1);
        Dl4jPeer.save(
                ModelSerializer.restoreMultiLayerNetwork(Path.of(arguments[0]).toFile(), false), Path.of(arguments[1]));
    }
}
