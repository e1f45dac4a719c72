package org.convoy.train;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.util.function.Function;
import org.bytedeco.javacpp.BytePointer;

/**
 * libturbojpeg's decoder and nothing else, as the loop around OpenCV's is: a picture's memory is its own. The library is bound anew: what is
 * measured by shares nothing with what is measured.
 */
final class TurboJpegLoop implements Function<byte[], byte[]> {
    private static final TurboJpeg LIBRARY = Native.loadLibrary("libturbojpeg.so.0", TurboJpeg.class);
    private static final int BGR_PIXELS = 1;
    private static final byte[] NOTHING = {};

    private static final Pointer DECOMPRESSOR = LIBRARY.tjInitDecompress();

    private final int[] width = new int[1];
    private final int[] height = new int[1];
    private final int[] ignored = new int[1];

    @Override
    public byte[] apply(byte[] encoded) {
        NativeLong length = new NativeLong(encoded.length);
        try (BytePointer bytes = new BytePointer(encoded)) {
            Pointer from = new Pointer(bytes.address());
            int header = LIBRARY.tjDecompressHeader3(DECOMPRESSOR, from, length, width, height, ignored, ignored);
            try (BytePointer pixels = new BytePointer(3L * width[0] * height[0])) {
                Pointer to = new Pointer(pixels.address());
                int data = LIBRARY.tjDecompress2(
                        DECOMPRESSOR, from, length, to, width[0], 0, height[0], BGR_PIXELS, 0);
                if (header != 0 || data != 0) {
                    throw new IllegalStateException("libturbojpeg cannot decode a picture");
                }
            }
        }
        return NOTHING;
    }

    /** Of {@code turbojpeg.h}. */
    private interface TurboJpeg extends Library {
        Pointer tjInitDecompress();

        int tjDecompressHeader3(
                Pointer decompressor,
                Pointer bytes,
                NativeLong length,
                int[] width,
                int[] height,
                int[] subsampling,
                int[] colours);

        int tjDecompress2(
                Pointer decompressor,
                Pointer bytes,
                NativeLong length,
                Pointer pixels,
                int width,
                int pitch,
                int height,
                int format,
                int flags);
    }
}
