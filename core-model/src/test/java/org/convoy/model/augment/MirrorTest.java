package org.convoy.model.augment;

import java.util.SplittableRandom;
import org.convoy.model.InputShape;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.convoy.model.augment.Pictures.bytes;
import static org.convoy.model.augment.Pictures.changed;

class MirrorTest {
    private static final InputShape TWO_ROWS = new InputShape(3, 2, 3);
    private static final byte[] PIXELS = Pictures.random(TWO_ROWS, 1);

    @Test
    void turnsEachRowRoundInEachChannel() {
        byte[] pixels = bytes(1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26);

        assertThat(changed(TWO_ROWS, pixels, Mirror::mirror))
                .isEqualTo(bytes(3, 2, 1, 6, 5, 4, 13, 12, 11, 16, 15, 14, 23, 22, 21, 26, 25, 24));
    }

    @Test
    void twiceIsTheIdentity() {
        byte[] once = changed(TWO_ROWS, PIXELS, Mirror::mirror);

        assertThat(once).isNotEqualTo(PIXELS);
        assertThat(changed(TWO_ROWS, once, Mirror::mirror)).isEqualTo(PIXELS);
    }

    @Test
    void happensToHalfOfThePictures() {
        int mirrored = 0;
        for (int seed = 0; seed < 1000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] seen = changed(TWO_ROWS, PIXELS, picture -> new Mirror().apply(picture, random));
            mirrored += seen[0] == PIXELS[0] ? 0 : 1;
        }

        assertThat(mirrored).isBetween(440, 560);
    }
}
