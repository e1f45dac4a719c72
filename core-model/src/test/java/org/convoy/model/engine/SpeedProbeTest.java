package org.convoy.model.engine;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SpeedProbeTest {
    @Test
    void warnsFarBelowTheExpectedSpeed() {
        assertThat(new SpeedProbe(110, 130, 120).warning()).isEmpty();
        assertThat(new SpeedProbe(110, 19, 120).warning())
                .contains(
                        "matrix product 110 and convolution 19 GFLOP/s, where this class of processor does about 120: "
                                + "the machine is busy, or a native setting did not take hold");
    }

    @Test
    void measuresThisMachine() {
        SpeedProbe probe = SpeedProbe.run(NativeSettings.apply(1));
        assertThat(probe.productGigaflops()).isPositive();
        assertThat(probe.convolutionGigaflops()).isPositive();
    }
}
