package org.convoy.score;

import java.util.Arrays;
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
        int[] best = new int[Math.min(count, probabilities.length)];
        int found = 0;
        for (int c = 0; c < probabilities.length; c++) {
            int place = found;
            while (place > 0 && probabilities[c] > probabilities[best[place - 1]]) {
                place--;
            }
            if (place < best.length) {
                found = Math.min(found + 1, best.length);
                System.arraycopy(best, place, best, place + 1, found - place - 1);
                best[place] = c;
            }
        }
        return best;
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
