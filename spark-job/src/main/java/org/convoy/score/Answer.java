package org.convoy.score;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.convoy.prepare.ImageDecoder.Refused;

/**
 * What the model says of a picture, or why it was not asked.
 *
 * @param picture without its content
 * @param pixels what the model has read, unsigned bytes, C·H·W; null if there is an error
 * @param probabilities float32 by class, in sum 1; null if there is an error
 * @param embedding of the layer that was asked for, float32, of maps C·H·W; null if none was, or there is an error
 * @param error why the picture could not be decoded; null if it could
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record Answer(Picture picture, byte[] pixels, float[] probabilities, float[] embedding, Refused error) {

    /** Whether the model has answered. */
    public boolean isPrediction() {
        return error == null;
    }

    /**
     * The most probable classes, the most probable first; of equally probable ones the first in label order.
     *
     * @param count how many, or fewer if there are fewer classes
     */
    public int[] best(int count) {
        if (count == 1) {
            int best = 0;
            for (int c = 1; c < probabilities.length; c++) {
                best = probabilities[c] > probabilities[best] ? c : best;
            }
            return new int[] {best};
        }
        return IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparingDouble(c -> -probabilities[c]))
                .limit(count)
                .mapToInt(c -> c)
                .toArray();
    }

    /** Of a picture that no model has seen. */
    static Answer refused(Picture picture, Refused error) {
        return new Answer(withoutContent(picture), null, null, null, error);
    }

    /**
     * One of a batch.
     *
     * @param number of the picture in the batch
     * @param ofAll float32, N·classes
     * @param embeddings float32, N times a layer's values; empty if none were asked for
     * @param pictures N
     */
    static Answer of(Picture picture, byte[] pixels, int number, float[] ofAll, float[] embeddings, int pictures) {
        return new Answer(
                withoutContent(picture),
                pixels,
                row(ofAll, number, pictures),
                embeddings.length == 0 ? null : row(embeddings, number, pictures),
                null);
    }

    private static float[] row(float[] rows, int number, int count) {
        int length = rows.length / count;
        return Arrays.copyOfRange(rows, number * length, (number + 1) * length);
    }

    private static Picture withoutContent(Picture picture) {
        return new Picture(picture.id(), picture.label(), picture.size(), null);
    }
}
