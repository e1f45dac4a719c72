package org.convoy.score;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer as it is written. What there is none of is null: of a picture with an error all but the id, its label and the error.
 *
 * @param label name of the true class
 * @param predicted name of the most probable class; the column {@code class}
 * @param topClasses names of the most probable classes, the most probable first
 * @param probabilities in label order
 * @param error a code of {@link org.convoy.prepare.Reason}
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record AnswerRow(
        String id,
        String label,
        String predicted,
        Float probability,
        List<String> topClasses,
        float[] topProbabilities,
        float[] probabilities,
        float[] embedding,
        String error,
        String errorDetail) {

    /**
     * What the rows of a run have.
     *
     * @param classes names in label order
     * @param topK most probable classes; 0 for no such columns
     * @param probabilities whether all are written
     * @param embedding whether a layer's values are written
     * @param model name or path; in each row
     * @param version of the model, in each row; 0 for none
     */
    record Columns(List<String> classes, int topK, boolean probabilities, boolean embedding, String model, int version)
            implements Serializable {

        AnswerRow row(Answer answer) {
            Picture picture = answer.picture();
            String label = picture.label() == Picture.UNKNOWN ? null : classes.get(picture.label());
            if (!answer.isPrediction()) {
                return new AnswerRow(
                        picture.id(),
                        label,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        answer.error().reason().code(),
                        answer.error().detail());
            }
            int[] best = answer.best(Math.max(1, topK));
            List<String> topClasses = new ArrayList<>();
            float[] topProbabilities = new float[best.length];
            for (int i = 0; i < best.length; i++) {
                topClasses.add(classes.get(best[i]));
                topProbabilities[i] = answer.probabilities()[best[i]];
            }
            return new AnswerRow(
                    picture.id(),
                    label,
                    topClasses.get(0),
                    topProbabilities[0],
                    topClasses,
                    topProbabilities,
                    answer.probabilities(),
                    answer.embedding(),
                    null,
                    null);
        }
    }
}
