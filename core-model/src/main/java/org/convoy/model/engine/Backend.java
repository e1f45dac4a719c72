package org.convoy.model.engine;

/** What ND4J computes on, in one process. */
public enum Backend {
    /** The processor, through oneDNN and OpenBLAS. */
    CPU("org.nd4j.linalg.cpu.nativecpu.CpuBackend"),

    /** GPUs, through CUDA and cuDNN; on the class path of the jar that profile {@code cuda} builds. */
    CUDA("org.nd4j.linalg.jcublas.JCublasBackend");

    private final String className;

    Backend(String className) {
        this.className = className;
    }

    /** Whether this jar has it. */
    public boolean onClassPath() {
        return Backend.class.getClassLoader().getResource(className.replace('.', '/') + ".class") != null;
    }

    boolean isOf(Object loaded) {
        return loaded.getClass().getName().equals(className);
    }
}
