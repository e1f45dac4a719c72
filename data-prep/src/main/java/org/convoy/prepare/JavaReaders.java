package org.convoy.prepare;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decoding in Java what OpenCV cannot (GIF) or gets wrong: BMP of 16 bits or compressed, and JPEG of four components (CMYK and YCCK),
 * which TwelveMonkeys converts by the embedded colour profile if there is one.
 */
final class JavaReaders {
    private JavaReaders() {}

    /** The first frame on its canvas, which is transparent elsewhere. */
    static Bitmap gif(byte[] encoded, PictureHeader header) throws BadPictureException {
        GifHeader.Frame frame = GifHeader.firstFrame(encoded);
        BufferedImage image = read(platformReader("gif"), encoded);
        return HeapBitmap.onCanvas(header.width(), header.height(), bitmap(image), frame.left(), frame.top());
    }

    static Bitmap bmp(byte[] encoded) throws BadPictureException {
        return bitmap(read(platformReader("bmp"), encoded));
    }

    static Bitmap fourComponentJpeg(byte[] encoded) throws BadPictureException {
        return bitmap(read(jpegReader(), encoded));
    }

    /** The JDK's own: a plug-in that happens to be on the class path must not change the pixels. */
    private static ImageReader platformReader(String format) {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (reader.getClass().getName().startsWith("com.sun.imageio.")) {
                return reader;
            }
        }
        throw new IllegalStateException("Every Java platform reads " + format);
    }

    private static ImageReader jpegReader() {
        IIORegistry registry = IIORegistry.getDefaultInstance();
        synchronized (JavaReaders.class) {
            // Java looks for plug-ins once, and perhaps not in the class path that Spark gives to tasks.
            if (registry.getServiceProviderByClass(JPEGImageReaderSpi.class) == null) {
                registry.registerServiceProvider(new JPEGImageReaderSpi());
            }
        }
        try {
            return registry.getServiceProviderByClass(JPEGImageReaderSpi.class).createReaderInstance(null);
        } catch (IOException e) {
            throw new IllegalStateException("Cannot make a JPEG reader: " + e.getMessage(), e);
        }
    }

    private static BufferedImage read(ImageReader reader, byte[] encoded) throws BadPictureException {
        // In memory: ImageIO's own choice would be a temporary file for each picture.
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            reader.setInput(in, true, true);
            return reader.read(0);
        } catch (IOException | RuntimeException e) {
            // Damaged pictures are answered with nearly every kind of RuntimeException.
            throw new BadPictureException(Reason.UNDECODABLE, e.getClass().getSimpleName() + ": " + e.getMessage());
        } catch (OutOfMemoryError e) {
            // Of one array as large as the picture: the heap is as good as before.
            throw new BadPictureException(Reason.TOO_MANY_PIXELS, "no room in the heap: " + e.getMessage());
        } finally {
            reader.dispose();
        }
    }

    private static HeapBitmap bitmap(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        return new HeapBitmap(width, height, image.getRGB(0, 0, width, height, null, 0, width));
    }
}
