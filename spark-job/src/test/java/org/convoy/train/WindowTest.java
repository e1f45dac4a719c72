package org.convoy.train;

import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WindowTest {
    /** Two blocks of two and one pictures of two bytes, from position 10 of the worker's order on. */
    private final Window window = new Window(
            10,
            2,
            List.of(new Block(new int[] {7, 8}, new byte[] {1, 2, 3, 4}), new Block(new int[] {9}, new byte[] {5, 6})),
            new int[] {2, 0, 1});

    @Test
    void gathersPicturesOfAllBlocksInItsOrder() {
        assertThat(window.first()).isEqualTo(10);
        assertThat(window.end()).isEqualTo(13);
        assertThat(window.minibatch(10, 12).pixels()).containsExactly(5, 6, 1, 2);
        assertThat(window.minibatch(10, 12).labels()).containsExactly(9, 7);
        assertThat(window.minibatch(12, 13).pixels()).containsExactly(3, 4);
        assertThat(window.minibatch(12, 13).labels()).containsExactly(8);
    }
}
