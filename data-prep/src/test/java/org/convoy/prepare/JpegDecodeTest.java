package org.convoy.prepare;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class JpegDecodeTest {
    /** Source pixels per target pixel: at least 1.5 of them remain, and an eighth is the least that libjpeg decodes. */
    @ParameterizedTest
    @CsvSource({"0.5, 1", "2.9, 1", "3, 2", "5.9, 2", "6, 4", "11.9, 4", "12, 8", "1000, 8"})
    void reducesAsFarAsEnoughRemains(double scale, int reduction) {
        assertThat(JpegDecode.REDUCED.reduction(scale)).isEqualTo(reduction);
        assertThat(JpegDecode.FULL.reduction(scale)).isOne();
    }
}
