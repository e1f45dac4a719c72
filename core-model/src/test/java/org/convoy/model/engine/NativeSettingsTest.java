package org.convoy.model.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class NativeSettingsTest {
    private static final long GIB = 1L << 30;
    private static final Set<String> AVX2_FLAGS = Set.of("sse2", "avx2", "fma");
    private static final Set<String> AVX512_FLAGS =
            Set.of("sse2", "avx2", "fma", "avx512f", "avx512dq", "avx512bw", "avx512vl");

    @Test
    void picksTheWidestBuildThatTheProcessorRuns() {
        assertThat(decide(AVX512_FLAGS).instructionSet()).isEqualTo(InstructionSet.AVX512);
        assertThat(decide(AVX2_FLAGS).instructionSet()).isEqualTo(InstructionSet.AVX2);
        assertThat(decide(Set.of("sse2")).instructionSet()).isEqualTo(InstructionSet.PLAIN);
    }

    @Test
    void rendersItselfForOtherProcesses() {
        NativeSettings settings = decide(AVX2_FLAGS);
        assertThat(settings.environment())
                .containsEntry("OMP_NUM_THREADS", "2")
                .containsEntry("OPENBLAS_CORETYPE", "HASWELL");
    }

    @Test
    void keepsAGivenBuildThatTheProcessorRuns() {
        Machine machine = machine("linux-x86_64", AVX512_FLAGS, 8 * GIB, 2 * GIB);
        NativeSettings settings = NativeSettings.decide(machine, 1, "-onednn-avx2", "ZEN");
        assertThat(settings.instructionSet()).isEqualTo(InstructionSet.AVX2);
        assertThat(settings.environment()).containsEntry("OPENBLAS_CORETYPE", "ZEN");
        assertThat(settings.describe()).contains("runs the build that was given", "core type was given");
    }

    @Test
    void replacesAGivenBuildThatTheProcessorCannotRun() {
        Machine machine = machine("linux-x86_64", AVX2_FLAGS, 8 * GIB, 2 * GIB);
        NativeSettings settings = NativeSettings.decide(machine, 1, "-onednn-avx512", "SKYLAKEX");
        assertThat(settings.instructionSet()).isEqualTo(InstructionSet.AVX2);
        assertThat(settings.environment()).containsEntry("OPENBLAS_CORETYPE", "HASWELL");
    }

    @Test
    void leavesTheContainersMemoryBesideTheHeap() {
        NativeSettings settings = decide(AVX2_FLAGS);
        assertThat(settings.offHeapBytes()).isEqualTo(6 * GIB - (384L << 20));
        assertThat(settings.describe()).contains("container 8192 MiB - heap 2048 MiB - reserve 384 MiB");
    }

    @Test
    void leavesOfASmallerContainerTheSame() {
        Machine machine = machine("linux-x86_64", AVX2_FLAGS, 8 * GIB, GIB);
        assertThat(NativeSettings.decide(machine.within(2 * GIB), 1, null, null).offHeapBytes())
                .isEqualTo(GIB - (384L << 20));
        assertThat(NativeSettings.decide(machine.within(64 * GIB), 1, null, null)
                        .offHeapBytes())
                .isEqualTo(7 * GIB - (384L << 20));
    }

    @Test
    void refusesAHeapThatFillsTheContainer() {
        Machine machine = machine("linux-x86_64", AVX2_FLAGS, 2 * GIB, 2 * GIB);
        assertThatThrownBy(() -> NativeSettings.decide(machine, 1, null, null))
                .isInstanceOf(ContainerTooSmallException.class)
                .hasMessage(
                        "Cannot leave memory off the heap: the container has 2048 MiB, the heap may take 2048 MiB of"
                                + " it, and 384 MiB is reserved for the JVM; lower -Xmx or raise the container's memory");
    }

    @Test
    void refusesOtherPlatformsInOneLine() {
        Machine machine = machine("linux-aarch64", Set.of(), 8 * GIB, 2 * GIB);
        assertThatThrownBy(() -> NativeSettings.decide(machine, 1, null, null))
                .isInstanceOf(UnsupportedPlatformException.class)
                .hasMessage("Cannot run on linux-aarch64: Convoy carries native libraries for linux-x86_64 alone");
    }

    @Test
    void refusesAnotherNumberOfThreadsLater() {
        int threads = NativeSettings.apply(1).threadsPerWorker();
        assertThatThrownBy(() -> NativeSettings.apply(threads + 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("threadsPerWorker must stay 1 for the life of the process but was 2");
    }

    @Test
    void readsTheSmallestMemoryLimit(@TempDir Path root) throws IOException {
        Files.createDirectories(root.resolve("proc"));
        Files.createDirectories(root.resolve("sys/fs/cgroup"));
        Files.writeString(root.resolve("proc/meminfo"), "MemTotal:       16777216 kB\nMemFree: 1 kB\n");
        assertThat(Machine.memoryBytes(root)).isEqualTo(16 * GIB);
        Files.writeString(root.resolve("sys/fs/cgroup/memory.max"), "max\n");
        assertThat(Machine.memoryBytes(root)).isEqualTo(16 * GIB);
        Files.writeString(root.resolve("sys/fs/cgroup/memory.max"), 4 * GIB + "\n");
        assertThat(Machine.memoryBytes(root)).isEqualTo(4 * GIB);
    }

    @Test
    void readsFlagsOfAnyKernelsSpelling() {
        List<String> processor = List.of("processor\t: 0", "flags\t\t: sse2 pti        avx2 sse2 ", "flags\t\t: none");
        assertThat(Machine.flags(processor)).containsExactlyInAnyOrder("sse2", "pti", "avx2");
    }

    private static NativeSettings decide(Set<String> flags) {
        return NativeSettings.decide(machine("linux-x86_64", flags, 8 * GIB, 2 * GIB), 2, null, null);
    }

    private static Machine machine(String platform, Set<String> flags, long memoryBytes, long heapBytes) {
        return new Machine(platform, "GenuineIntel", flags, memoryBytes, heapBytes);
    }
}
