package org.convoy.doctor;

import java.util.List;
import java.util.Map;
import org.convoy.model.NetworkMemory;
import org.convoy.train.TrainingNeeds;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MemoryChecksTest {
    private static final long MIB = 1L << 20;

    @Test
    void saysWhatTheNetworkTakesWhereAllFits() {
        List<Finding> findings = MemoryChecks.memory(census(2048, 4096, 16_384), needs(300, 20), 2);
        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.OK);
            assertThat(finding.what()).contains("360 MiB of 4.0 GiB off the heap", "activations 300 MiB");
        });
    }

    @Test
    void activationsThatDoNotFitAreAnErrorWithBothSizes() {
        assertThat(MemoryChecks.memory(census(2048, 300, 16_384), needs(300, 20), 2))
                .filteredOn(finding -> finding.severity() == Severity.ERROR)
                .hasSize(2)
                .first()
                .satisfies(finding -> {
                    assertThat(finding.what())
                            .isEqualTo(
                                    "a/0 has 300 MiB off the heap, and 1 network needs 360 MiB (activations of a batch"
                                            + " of 64: 300 MiB)");
                    assertThat(finding.remedy()).contains("train.batch-size", "spark.executor.memoryOverhead");
                });
    }

    @Test
    void aHeapWithoutRoomForVectorsIsAnErrorAndATightOneAWarning() {
        // a window of 64 MiB and three vectors of 200 MiB at least, six to be at ease
        assertThat(MemoryChecks.memory(census(512, 4096, 16_384), needs(10, 200), 2))
                .extracting(Finding::severity)
                .contains(Severity.ERROR);
        assertThat(MemoryChecks.memory(census(1000, 4096, 16_384), needs(10, 200), 2))
                .extracting(Finding::severity)
                .containsOnly(Severity.WARNING);
    }

    @Test
    void executorsOfOneMachineMustFitIntoItTogether() {
        assertThat(MemoryChecks.memory(census(2048, 4096, 4096), needs(300, 20), 2))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                    assertThat(finding.what())
                            .isEqualTo("a has 4.0 GiB, and its 2 executors may take 4.7 GiB with their heaps");
                });
    }

    private static TrainingNeeds needs(long activationMib, long vectorMib) {
        return new TrainingNeeds(
                "net",
                5_000_000,
                2,
                64,
                new NetworkMemory(20 * MIB, 20 * MIB, 20 * MIB, activationMib * MIB),
                64 * MIB,
                vectorMib * MIB);
    }

    /** Two executors on one host. */
    private static Census census(long heapMib, long offHeapMib, long machineMib) {
        ProcessFacts.Versions versions = new ProcessFacts.Versions("1", "17", "3.5.5", "2.12", "3.4.2", "M2.1");
        List<ProcessFacts> executors = List.of(
                process("a/0", versions, heapMib, offHeapMib, machineMib),
                process("a/1", versions, heapMib, offHeapMib, machineMib));
        return new Census(process("driver", versions, 8192, 8192, machineMib), executors, List.of(), Map.of());
    }

    private static ProcessFacts process(
            String name, ProcessFacts.Versions versions, long heapMib, long offHeapMib, long machineMib) {
        return new ProcessFacts(
                name,
                "a",
                1,
                2,
                versions,
                "native build",
                "",
                heapMib * MIB,
                offHeapMib * MIB,
                machineMib * MIB,
                0,
                List.of(),
                "",
                "");
    }
}
