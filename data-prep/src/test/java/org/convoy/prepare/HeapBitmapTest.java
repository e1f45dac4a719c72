package org.convoy.prepare;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class HeapBitmapTest {
    private static final HeapBitmap FRAME =
            new HeapBitmap(2, 2, new int[] {0xFF000001, 0xFF000002, 0xFF000003, 0xFF000004});

    @Test
    void laysAFrameOnATransparentCanvas() {
        assertThat(HeapBitmap.onCanvas(3, 2, FRAME, 1, 0).argb())
                .containsExactly(0, 0xFF000001, 0xFF000002, 0, 0xFF000003, 0xFF000004);
    }

    @Test
    void cutsOffWhatReachesOverTheCanvas() {
        assertThat(HeapBitmap.onCanvas(2, 2, FRAME, 1, 1).argb()).containsExactly(0, 0, 0, 0xFF000001);
    }

    /** Damaged files say such things. */
    @Test
    void leavesOutAFrameBesideTheCanvas() {
        assertThat(HeapBitmap.onCanvas(2, 1, FRAME, 70, 0).argb()).containsExactly(0, 0);
        assertThat(HeapBitmap.onCanvas(2, 1, FRAME, 0, 70).argb()).containsExactly(0, 0);
    }
}
