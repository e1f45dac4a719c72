package org.convoy.model.engine;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The one place where native settings are decided: ND4J's native build, OpenBLAS's kernels, threads per worker, and memory
 * off the heap. {@link #apply} makes them for this process and must run before the first ND4J class is loaded. Every
 * process, executors among them, decides for the machine it runs on.
 *
 * <p>An instruction set or core type that is already given (system property {@value #EXTENSION_PROPERTY}, environment
 * variable {@value #CORE_TYPE_VARIABLE}) is kept if this machine can run it, so that a cluster of unlike machines is safe.
 */
public final class NativeSettings {
    static final String EXTENSION_PROPERTY = "org.bytedeco.javacpp.platform.extension";
    static final String OFF_HEAP_PROPERTY = "org.bytedeco.javacpp.maxbytes";
    static final String PHYSICAL_PROPERTY = "org.bytedeco.javacpp.maxphysicalbytes";
    static final String CORE_TYPE_VARIABLE = "OPENBLAS_CORETYPE";
    static final String THREADS_VARIABLE = "OMP_NUM_THREADS";

    /** What JavaCPP appends to find ND4J's CUDA build with cuDNN. */
    private static final String CUDA_EXTENSION = "-cudnn";

    private static final String ONLY_PLATFORM = "linux-x86_64";
    /** Metaspace, code cache, thread stacks, Netty's direct buffers: memory of the process that neither limit sees. */
    private static final long RESERVED_BYTES = 384L << 20;

    private static final long SMALLEST_OFF_HEAP_BYTES = 256L << 20;

    private static NativeSettings applied;

    private final Backend backend;
    private final InstructionSet instructionSet;
    private final String coreType;
    private final int threadsPerWorker;
    private final long offHeapBytes;
    private final String reasons;

    private NativeSettings(
            Backend backend,
            InstructionSet instructionSet,
            String coreType,
            int threadsPerWorker,
            long offHeapBytes,
            String reasons) {
        this.backend = backend;
        this.instructionSet = instructionSet;
        this.coreType = coreType;
        this.threadsPerWorker = threadsPerWorker;
        this.offHeapBytes = offHeapBytes;
        this.reasons = reasons;
    }

    /** As the other, for a process that computes on the processor and has what its control group or the machine has. */
    public static NativeSettings apply(int threadsPerWorker) {
        return apply(threadsPerWorker, Long.MAX_VALUE, Backend.CPU);
    }

    /**
     * Decides for this machine, makes the settings in this process and loads ND4J. Calling it again with the same number of threads
     * and the same backend changes nothing.
     *
     * @param threadsPerWorker threads that one worker computes with: the cores of one task
     * @param containerBytes memory that a cluster manager gives the process, heap included; less counts if the machine has less
     * @param backend what to compute on
     * @throws UnsupportedPlatformException if ND4J has no native library for this machine
     * @throws ContainerTooSmallException if the container has no memory left off the heap
     * @throws IllegalStateException if ND4J's library or its OpenBLAS is already loaded, the backend cannot be loaded, or the settings
     *     are made with another number of threads or backend
     */
    public static synchronized NativeSettings apply(int threadsPerWorker, long containerBytes, Backend backend) {
        if (applied != null) {
            if (applied.threadsPerWorker != threadsPerWorker) {
                throw new IllegalStateException("threadsPerWorker must stay " + applied.threadsPerWorker
                        + " for the life of the process but was " + threadsPerWorker);
            }
            if (applied.backend != backend) {
                throw new IllegalStateException(
                        "backend must stay " + applied.backend + " for the life of the process but was " + backend);
            }
            return applied;
        }
        NativeSettings settings = decide(
                        Machine.read().within(containerBytes),
                        threadsPerWorker,
                        System.getProperty(EXTENSION_PROPERTY),
                        System.getenv(CORE_TYPE_VARIABLE))
                .on(backend);
        if (numericalLibraryIsLoaded()) {
            throw new IllegalStateException(
                    "Cannot make native settings: ND4J or OpenCV was loaded before NativeSettings.apply");
        }
        settings.makeInThisProcess();
        applied = settings;
        return settings;
    }

    /** The settings of this process; makes them for one thread per worker if {@link #apply} was not called before. */
    public static synchronized NativeSettings ensureApplied() {
        return applied == null ? apply(1) : applied;
    }

    /** The settings of this process, if {@link #apply} made them. */
    public static synchronized Optional<NativeSettings> applied() {
        return Optional.ofNullable(applied);
    }

    /** Decides for this machine without changing anything. */
    public static NativeSettings decide(int threadsPerWorker) {
        return decide(
                Machine.read(),
                threadsPerWorker,
                System.getProperty(EXTENSION_PROPERTY),
                System.getenv(CORE_TYPE_VARIABLE));
    }

    /**
     * Environment variables for processes on other machines that will call {@link #apply}: what does not depend on the machine.
     *
     * @param threadsPerWorker the cores of one task
     */
    public static Map<String, String> executorEnvironment(int threadsPerWorker) {
        return Map.of(THREADS_VARIABLE, Integer.toString(threadsPerWorker));
    }

    static NativeSettings decide(Machine machine, int threadsPerWorker, String givenExtension, String givenCoreType) {
        if (!machine.platform().equals(ONLY_PLATFORM)) {
            throw new UnsupportedPlatformException("Cannot run on " + machine.platform()
                    + ": Convoy carries native libraries for " + ONLY_PLATFORM + " alone");
        }
        if (threadsPerWorker < 1) {
            throw new IllegalArgumentException("threadsPerWorker must be at least 1 but was " + threadsPerWorker);
        }
        InstructionSet widest = InstructionSet.widestOf(machine.flags());
        Optional<InstructionSet> given = Arrays.stream(InstructionSet.values())
                .filter(set -> set.nativeExtension().equals(givenExtension) && widest.runs(set))
                .findFirst();
        InstructionSet instructionSet = given.orElse(widest);
        boolean keepCoreType = givenCoreType != null && given.isPresent();
        String coreType = keepCoreType ? givenCoreType : coreType(instructionSet, machine.vendor());

        long offHeapBytes = machine.memoryBytes() - RESERVED_BYTES - machine.heapBytes();
        if (offHeapBytes < SMALLEST_OFF_HEAP_BYTES) {
            throw new ContainerTooSmallException(String.format(
                    "Cannot leave memory off the heap: the container has %s, the heap may take %s of it, and %s is "
                            + "reserved for the JVM; lower -Xmx or raise the container's memory",
                    mebibytes(machine.memoryBytes()), mebibytes(machine.heapBytes()), mebibytes(RESERVED_BYTES)));
        }
        String reasons = String.format(
                "%s %s; core type %s; container %s - heap %s - reserve %s",
                machine.vendor(),
                given.isPresent() ? "runs the build that was given" : "has " + instructionSet,
                keepCoreType ? "was given" : "by vendor and instruction set",
                mebibytes(machine.memoryBytes()),
                mebibytes(machine.heapBytes()),
                mebibytes(RESERVED_BYTES));
        return new NativeSettings(Backend.CPU, instructionSet, coreType, threadsPerWorker, offHeapBytes, reasons);
    }

    private NativeSettings on(Backend other) {
        return new NativeSettings(other, instructionSet, coreType, threadsPerWorker, offHeapBytes, reasons);
    }

    /**
     * OpenBLAS 0.3.19 takes processors that are newer than itself for a Prescott, four times slower; so the kernels are
     * named. AMD's Zen 4 computes 512 bits in two halves: the AVX2 kernels for Zen do as well there.
     */
    private static String coreType(InstructionSet instructionSet, String vendor) {
        return switch (instructionSet) {
            case AVX512 -> "SKYLAKEX";
            case AVX2 -> vendor.equals("AuthenticAMD") ? "ZEN" : "HASWELL";
            case PLAIN -> "NEHALEM";
        };
    }

    public Backend backend() {
        return backend;
    }

    public InstructionSet instructionSet() {
        return instructionSet;
    }

    public int threadsPerWorker() {
        return threadsPerWorker;
    }

    public long offHeapBytes() {
        return offHeapBytes;
    }

    /** The environment variables that the native libraries read. */
    Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put(THREADS_VARIABLE, Integer.toString(threadsPerWorker));
        variables.put(CORE_TYPE_VARIABLE, coreType);
        return variables;
    }

    /** One line: what was chosen, and why. */
    public String describe() {
        return String.format(
                "native build %s, OpenBLAS core type %s, %d thread%s per worker, %s off the heap (%s)",
                ONLY_PLATFORM + nativeExtension(),
                coreType,
                threadsPerWorker,
                threadsPerWorker == 1 ? "" : "s",
                mebibytes(offHeapBytes),
                reasons);
    }

    private String nativeExtension() {
        return backend == Backend.CUDA ? CUDA_EXTENSION : instructionSet.nativeExtension();
    }

    private void makeInThisProcess() {
        System.setProperty(EXTENSION_PROPERTY, nativeExtension());
        System.setProperty(OFF_HEAP_PROPERTY, Long.toString(offHeapBytes));
        System.setProperty(PHYSICAL_PROPERTY, "0"); // otherwise each allocation reads /proc/self/statm
        environment().forEach(NativeSettings::setEnvironmentVariable);
        if (backend == Backend.CUDA) {
            // As nvidia-smi counts them; by itself CUDA begins with the fastest.
            setEnvironmentVariable("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        } else if (Backend.CUDA.onClassPath()) {
            // ND4J would take any GPU that it sees, whoever it was given to.
            setEnvironmentVariable("CUDA_VISIBLE_DEVICES", "");
        }
        if (!backend.isOf(Nd4j.getBackend())) {
            throw new IllegalStateException("Cannot load ND4J's backend " + backend
                    + ": the machine needs CUDA 11.6 and cuDNN 8.3, installed or from the redist jar (ND4J's log says what was"
                    + " missing)");
        }
        setThreadsInNativeLibraries();
    }

    /**
     * ND4J sets the numbers of threads itself when it loads, from Java's copy of the environment, which does not see what
     * was set since the start; so they are set again afterwards. The environment variable still counts for the OpenMP
     * teams of threads that start later.
     */
    private void setThreadsInNativeLibraries() {
        Nd4j.factory().blas().setMaxThreads(threadsPerWorker);
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threadsPerWorker);
    }

    private static void setEnvironmentVariable(String name, String value) {
        int failed = CLibrary.INSTANCE.setenv(name, value, 1);
        if (failed != 0) {
            throw new IllegalStateException("Cannot set the environment variable " + name + " to " + value);
        }
    }

    private static boolean numericalLibraryIsLoaded() {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.anyMatch(line -> line.contains("libnd4jcpu") || line.contains("libopenblas"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }

    /** The C library's {@code setenv}: Java cannot change the environment that native code reads. */
    private interface CLibrary extends Library {
        CLibrary INSTANCE = Native.loadLibrary("c", CLibrary.class);

        int setenv(String name, String value, int overwrite);
    }
}
