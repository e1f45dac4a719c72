package org.convoy.model.engine;

import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GpuTest {
    private static final String LINES =
            """
            0, Tesla T4, 525.85.12, 15360, 7.5
            1, NVIDIA H100 80GB HBM3, 535.104.05, 81559, 9.0
            """;

    @Test
    void readsWhatNvidiaSmiPrints() {
        assertThat(Gpu.parse(LINES))
                .containsExactly(
                        new Gpu("0", "Tesla T4", "525.85.12", 15360L << 20, "7.5"),
                        new Gpu("1", "NVIDIA H100 80GB HBM3", "535.104.05", 81559L << 20, "9.0"));
        assertThatThrownBy(() -> Gpu.parse("no devices were found"))
                .hasMessage("nvidia-smi must give 5 values a line but gave: no devices were found");
    }

    @Test
    void saysInOneSentenceThatAGpuIsNewerThanTheLibrary() {
        assertThat(Gpu.problem(List.of("0"), Gpu.parse(LINES))).isEmpty();
        assertThat(Gpu.problem(List.of("0", "1"), Gpu.parse(LINES)))
                .contains("GPU 1 (NVIDIA H100 80GB HBM3) has compute capability 9.0, for which ND4J's CUDA 11.6 library"
                        + " holds no code: it runs on 3.7 to 8.9, so Hopper (9.0) and later are too new for it");
    }

    @Test
    void runsCodeOfTheSameMajorCapabilityFromItsMinorOneOn() {
        for (String runs : List.of("3.7", "5.2", "6.1", "7.0", "7.5", "8.0", "8.6", "8.9")) {
            assertThat(gpu("535.1", runs).problem()).as(runs).isEmpty();
        }
        for (String tooOldOrNew : List.of("3.5", "9.0", "10.0", "12.0")) {
            assertThat(gpu("535.1", tooOldOrNew).problem()).as(tooOldOrNew).isPresent();
        }
    }

    @Test
    void wantsADriverThatKnowsTheLibrarysCuda() {
        assertThat(gpu("470.82", "8.0").problem())
                .contains(
                        "GPU 0 (Some GPU) has driver 470.82, and CUDA 11.6 needs 510 or later: update NVIDIA's driver");
    }

    @Test
    void namesAnAddressThatTheDriverDoesNotKnow() {
        assertThat(Gpu.problem(List.of("2"), Gpu.parse(LINES)).orElseThrow())
                .startsWith("Spark names GPU 2, but nvidia-smi finds only 0, 1");
        assertThat(Gpu.problem(List.of("0"), List.of()).orElseThrow())
                .startsWith("Spark names GPU 0, but nvidia-smi finds none here");
    }

    @Test
    void saysThatThisBuildHasNoCuda() {
        assertThat(Backend.CPU.onClassPath()).isTrue();
        assertThat(Gpu.problem(List.of("0")).orElseThrow())
                .isEqualTo(
                        "this Convoy computes on processors alone: GPUs need the jar that `mvn -Pcuda package` builds");
    }

    private static Gpu gpu(String driver, String capability) {
        return new Gpu("0", "Some GPU", driver, 1L << 30, capability);
    }
}
