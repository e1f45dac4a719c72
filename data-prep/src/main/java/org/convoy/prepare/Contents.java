package org.convoy.prepare;

import java.util.List;
import java.util.Set;
import org.convoy.data.Colour;
import org.convoy.data.ImageShape;
import org.convoy.data.Split;

/**
 * What a source holds, known before any of its pictures is decoded.
 *
 * @param shape of the pictures that it becomes
 * @param classes class names in label order
 * @param pictures how many records {@link Source#read} gives
 * @param givenSplits the splits that the source itself makes; TRAIN only together with another
 * @param weighted whether records say how much they count in training
 */
record Contents(
        ImageShape shape,
        Colour colour,
        List<String> classes,
        long pictures,
        Set<Split> givenSplits,
        boolean weighted) {

    /** Of a source without weights whose pictures {@code decoder} decodes. */
    static Contents of(ImageDecoder decoder, Survey survey, List<String> classes) {
        ImageShape shape = new ImageShape(decoder.colour().channels(), decoder.height(), decoder.width());
        return new Contents(shape, decoder.colour(), classes, survey.pictures(), survey.splits(), false);
    }

    Contents weighted(boolean has) {
        return new Contents(shape, colour, classes, pictures, givenSplits, has);
    }
}
