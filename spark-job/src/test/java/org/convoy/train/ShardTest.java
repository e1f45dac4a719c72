package org.convoy.train;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ShardTest {
    @Test
    void handsOutPicturesInTheOrderAsked() {
        Shard shard = new Shard(0, 3, 2);
        shard.add(7, new byte[] {1, 2});
        shard.add(8, new byte[] {3, 4});
        shard.add(9, new byte[] {5, 6});

        assertThat(shard.pixels(new int[] {2, 0, 1}, 0, 2)).containsExactly(5, 6, 1, 2);
        assertThat(shard.labels(new int[] {2, 0, 1}, 1, 3)).containsExactly(7, 8);
    }

    @Test
    void keepsPicturesWholeAcrossItsBlocks() {
        // Three megabytes each: five to a block of 16 MiB.
        int pictureSize = 3 << 20;
        Shard shard = new Shard(0, 7, pictureSize);
        for (int picture = 0; picture < 7; picture++) {
            byte[] pixels = new byte[pictureSize];
            pixels[0] = (byte) picture;
            pixels[pictureSize - 1] = (byte) (100 + picture);
            shard.add(picture, pixels);
        }

        for (int picture = 0; picture < 7; picture++) {
            byte[] pixels = shard.pixels(new int[] {picture}, 0, 1);
            assertThat(pixels[0]).isEqualTo((byte) picture);
            assertThat(pixels[pictureSize - 1]).isEqualTo((byte) (100 + picture));
        }
    }
}
