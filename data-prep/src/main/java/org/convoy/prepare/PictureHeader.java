package org.convoy.prepare;

import java.nio.BufferUnderflowException;

/**
 * What a picture says of itself before anything of its size is allocated.
 *
 * @param width of the stored picture, in pixels, as declared
 * @param height of the stored picture, in pixels, as declared
 * @param largestArea pixels of the largest thing that decoding must hold: the picture, or a frame or tile larger than it
 * @param components per pixel of a JPEG (1 grey, 3 colour, 4 CMYK or YCCK) or TIFF; 0 for other formats
 * @param orientation how the decoded picture is to be turned: Exif 2.32, tag 0x0112
 */
record PictureHeader(
        PictureFormat format, int width, int height, long largestArea, int components, Orientation orientation) {

    /** No file of another format than PNG and TIFF can have a longer side, and no photograph has one. */
    private static final int LONGEST_SIDE = 65_535;

    /**
     * Reads the header, and walks to the end of the file where the format says how to: a decoder would fill what is cut off with
     * grey and call it a picture.
     *
     * @throws BadPictureException if the file ends before it should, or is damaged where the size stands
     */
    static PictureHeader read(PictureFormat format, byte[] encoded) throws BadPictureException {
        PictureHeader header;
        try {
            header = switch (format) {
                case JPEG -> JpegHeader.read(encoded);
                case PNG -> PngHeader.read(encoded);
                case WEBP -> WebpHeader.read(encoded);
                case GIF -> GifHeader.read(encoded);
                case BMP -> BmpHeader.read(encoded);
                case TIFF -> TiffHeader.read(encoded);
            };
        } catch (IndexOutOfBoundsException | BufferUnderflowException e) {
            throw new BadPictureException(Reason.TRUNCATED, format + " ends within its header");
        }
        if (header.width <= 0 || header.height <= 0) {
            throw new BadPictureException(Reason.UNDECODABLE, header.size() + " pixels declared");
        }
        return header;
    }

    /** A picture that decoding holds no more of than its own area. */
    static PictureHeader plain(PictureFormat format, int width, int height, Orientation orientation) {
        return new PictureHeader(format, width, height, (long) width * height, 0, orientation);
    }

    /**
     * Refuses what would take too much memory to decode.
     *
     * @throws BadPictureException if the declared size is over the limit
     */
    void checkArea(long maxPixels) throws BadPictureException {
        if (largestArea > maxPixels) {
            String area = largestArea > (long) width * height ? " with a part of " + largestArea : "";
            throw new BadPictureException(Reason.TOO_MANY_PIXELS, size() + area + " pixels, more than " + maxPixels);
        }
        if (Math.max(width, height) > LONGEST_SIDE) {
            throw new BadPictureException(
                    Reason.TOO_MANY_PIXELS, size() + " pixels, a side of more than " + LONGEST_SIDE);
        }
    }

    String size() {
        return width + "x" + height;
    }
}
