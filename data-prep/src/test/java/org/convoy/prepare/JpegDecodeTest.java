package org.convoy.prepare;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class JpegDecodeTest {
    /** Source pixels per target pixel: at least 1.1 of them remain, and an eighth is the least that libjpeg decodes. */
    @ParameterizedTest
    @CsvSource({"0.5, 1", "2.1, 1", "2.2, 2", "4.3, 2", "4.4, 4", "8.7, 4", "8.8, 8", "1000, 8"})
    void reducesAsFarAsEnoughRemains(double scale, int reduction) {
        assertThat(JpegDecode.REDUCED.reduction(scale)).isEqualTo(reduction);
        assertThat(JpegDecode.FULL.reduction(scale)).isOne();
    }
}
