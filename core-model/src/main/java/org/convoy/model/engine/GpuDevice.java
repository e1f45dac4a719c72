package org.convoy.model.engine;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The GPU that a thread computes on. ND4J keeps it by thread, and Spark's threads serve one task after the other, so each task
 * says it anew. Arrays stay on the GPU that they were made on.
 */
public final class GpuDevice {
    private static final Pattern COMMA = Pattern.compile(",");
    private static final ThreadLocal<String> CURRENT = new ThreadLocal<>();

    private GpuDevice() {}

    /**
     * Lets the calling thread compute on a GPU from now on.
     *
     * @param address as {@link Gpu#address()}
     */
    public static void use(String address) {
        use(
                address,
                Optional.ofNullable(System.getenv("CUDA_VISIBLE_DEVICES")),
                Nd4j.getAffinityManager(),
                Nd4j.getWorkspaceManager());
    }

    static void use(
            String address, Optional<String> visible, AffinityManager devices, MemoryWorkspaceManager workspaces) {
        if (!address.equals(CURRENT.get())) {
            // The thread's workspaces lie on the GPU that it had before.
            workspaces.destroyAllWorkspacesForCurrentThread();
        }
        devices.unsafeSetDevice(ordinal(address, visible));
        CURRENT.set(address);
    }

    /**
     * CUDA's number of a GPU: it counts, from 0, those that the process may see.
     *
     * @param visible {@code CUDA_VISIBLE_DEVICES}, which YARN and containers set
     */
    static int ordinal(String address, Optional<String> visible) {
        if (visible.isEmpty()) {
            return Integer.parseInt(address);
        }
        List<String> numbers =
                COMMA.splitAsStream(visible.get()).map(String::strip).toList();
        int ordinal = numbers.indexOf(address);
        if (ordinal < 0) {
            throw new IllegalStateException("CUDA_VISIBLE_DEVICES must name GPU " + address
                    + ", which Spark gave the task, but was " + visible.get());
        }
        return ordinal;
    }
}
