package org.convoy.model.bench;

import java.io.IOException;
import java.nio.file.Path;

/** One engine with one network. */
interface Peer {
    /** One training step on batch number {@code index}; the loss before the step, the mean over the batch. */
    double train(int index);

    /** The scores of batch number {@code index}, dropped. */
    void infer(int index);

    /** Writes the parameters, so that other peers start from the same. */
    void saveParameters(Path file) throws IOException;

    /** Takes over the parameters that another peer has written. */
    void loadParameters(Path file) throws IOException;
}
