package org.convoy.inspect;

import org.convoy.data.ImageShape;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ThumbnailTest {
    @Test
    void leavesSmallPicturesAsTheyAre() {
        Thumbnail thumbnail = Thumbnail.of(new ImageShape(1, 96, 96));
        byte[] pixels = new byte[96 * 96];

        assertThat(thumbnail.shape()).isEqualTo(new ImageShape(1, 96, 96));
        assertThat(thumbnail.of(pixels)).isSameAs(pixels);
    }

    @Test
    void shrinksByWholeNumbersUntilTheLongestSideFits() {
        assertThat(Thumbnail.of(new ImageShape(3, 224, 224)).shape()).isEqualTo(new ImageShape(3, 74, 74));
        assertThat(Thumbnail.of(new ImageShape(3, 97, 50)).shape()).isEqualTo(new ImageShape(3, 48, 25));
        assertThat(Thumbnail.of(new ImageShape(1, 4096, 2)).shape()).isEqualTo(new ImageShape(1, 2048, 1));
    }

    @Test
    void takesTheMeanOfEachSquareInEachChannel() {
        Thumbnail thumbnail = new Thumbnail(new ImageShape(3, 2, 4), 2);
        byte[] pixels = {
            0, 10, (byte) 255, (byte) 255, //
            20, 30, (byte) 255, (byte) 251,
            1, 1, 2, 2,
            1, 1, 2, 2,
            9, 9, 0, 0,
            9, 9, 0, 2
        };

        // 15, 254, then the mean of 1 and of 2, then 9 and 0.5, which rounds up.
        assertThat(thumbnail.of(pixels)).containsExactly(15, (byte) 254, 1, 2, 9, 1);
    }
}
