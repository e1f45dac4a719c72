package org.convoy.doctor;

import java.util.List;
import java.util.Map;
import org.convoy.model.engine.Gpu;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

class ProcessChecksTest {
    private static final ProcessFacts.Versions VERSIONS =
            new ProcessFacts.Versions("1", "17.0.1", "3.5.5", "2.12.18", "3.4.2", "M2.1");

    @Test
    void namesTheExecutorThatHasOtherVersions() {
        ProcessFacts.Versions other = new ProcessFacts.Versions("1", "17.0.1", "3.5.1", "2.12.18", "3.3.4", "M2.1");
        List<Finding> findings =
                ProcessChecks.versions(census(List.of(process("a/0", VERSIONS), process("b/1", other)), List.of()));
        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.ERROR);
            assertThat(finding.what())
                    .startsWith("b/1 has Convoy 1, Java 17.0.1, Spark 3.5.1")
                    .contains("3.3.4");
            assertThat(finding.remedy()).contains("the same Java and Spark");
        });
    }

    @Test
    void oneLineWhereAllHaveTheSame() {
        assertThat(ProcessChecks.versions(census(List.of(process("a/0", VERSIONS)), List.of())))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.OK);
                    assertThat(finding.what()).endsWith("DL4J M2.1, the same on 1 executor");
                });
    }

    @Test
    void twoExecutorsOfAHostMustNotHaveTheSameGpu() {
        List<Census.GpuTask> shared = List.of(new Census.GpuTask("a", "a/0", "0"), new Census.GpuTask("a", "a/1", "0"));
        assertThat(ProcessChecks.sharedGpus(shared)).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.ERROR);
            assertThat(finding.what()).isEqualTo("GPU 0 of a was given to a/0 and a/1");
            assertThat(finding.remedy()).contains("spark.worker.resourcesFile");
        });
        List<Census.GpuTask> apart = List.of(
                new Census.GpuTask("a", "a/0", "0"),
                new Census.GpuTask("a", "a/1", "1"),
                new Census.GpuTask("b", "b/2", "0"));
        assertThat(ProcessChecks.sharedGpus(apart)).isEmpty();
    }

    @Test
    void aGpuThatCannotBeUsedIsAnErrorUnlessProcessorsMayCompute() {
        ProcessFacts fails = gpuProcess("", "GPU 0 is too new");
        ProcessFacts falls = gpuProcess("native build", "GPU 0 is too new");
        assertThat(ProcessChecks.gpus(census(List.of(fails), List.of())))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                    assertThat(finding.what()).isEqualTo("a: GPU 0 is too new");
                    assertThat(finding.remedy()).contains("gpu.when-unusable = cpu");
                });
        assertThat(ProcessChecks.gpus(census(List.of(falls), List.of())))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNING));
        assertThat(ProcessChecks.natives(census(List.of(fails), List.of()))).isEmpty();
    }

    @Test
    void clocksThatDifferAreNamedWithTheDifference() {
        Census census = new Census(
                process("driver", VERSIONS), List.of(), List.of(), Map.of("a/0", 0L, "b/1", -3500L, "c/2", 301_000L));
        assertThat(ProcessChecks.clocks(census))
                .extracting(Finding::severity, Finding::what)
                .containsExactlyInAnyOrder(
                        tuple(Severity.WARNING, "the clock of b/1 is 3.5 s behind the driver's"),
                        tuple(Severity.ERROR, "the clock of c/2 is 301.0 s ahead of the driver's"));
    }

    static ProcessFacts process(String name, ProcessFacts.Versions versions) {
        return new ProcessFacts(
                name,
                name.replaceFirst("/.*", ""),
                1,
                2,
                versions,
                "native build",
                "",
                1L << 30,
                1L << 30,
                8L << 30,
                0,
                List.of(),
                "",
                "");
    }

    private static ProcessFacts gpuProcess(String natives, String problem) {
        return new ProcessFacts(
                "a/0",
                "a",
                1,
                2,
                VERSIONS,
                natives,
                natives.isEmpty() ? problem : "",
                1L << 30,
                1L << 30,
                8L << 30,
                0,
                List.of(new Gpu("0", "Some GPU", "535", 1, "9.0")),
                "0",
                problem);
    }

    private static Census census(List<ProcessFacts> executors, List<Census.GpuTask> gpuTasks) {
        return new Census(process("driver", VERSIONS), executors, gpuTasks, Map.of());
    }
}
