package org.convoy.model.engine;

import java.util.Set;

/** The vector instruction sets that ND4J ships native builds for, widest first. */
public enum InstructionSet {
    AVX512("-onednn-avx512", 120),
    AVX2("-onednn-avx2", 60),
    PLAIN("", 12);

    private final String nativeExtension;
    private final double typicalGigaflopsPerThread;

    InstructionSet(String nativeExtension, double typicalGigaflopsPerThread) {
        this.nativeExtension = nativeExtension;
        this.typicalGigaflopsPerThread = typicalGigaflopsPerThread;
    }

    /** What JavaCPP appends to {@code linux-x86_64} to find the native build. */
    public String nativeExtension() {
        return nativeExtension;
    }

    /** 10⁹ float32 operations per second that one thread of a server processor of this class reaches in large products. */
    public double typicalGigaflopsPerThread() {
        return typicalGigaflopsPerThread;
    }

    static InstructionSet widestOf(Set<String> processorFlags) {
        if (processorFlags.containsAll(Set.of("avx512f", "avx512dq", "avx512bw", "avx512vl"))) {
            return AVX512;
        }
        return processorFlags.containsAll(Set.of("avx2", "fma")) ? AVX2 : PLAIN;
    }

    /** Whether a processor of this class can run code built for {@code other}. */
    boolean runs(InstructionSet other) {
        return compareTo(other) <= 0;
    }
}
