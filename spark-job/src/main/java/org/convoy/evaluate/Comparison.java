package org.convoy.evaluate;

import java.util.List;

/**
 * What two models made of the same pictures.
 *
 * @param current the one that is there, on pictures of the classes that both know
 * @param candidate the other one, on the same pictures
 * @param candidateOnAll the other one on every picture of the split
 * @param answers how often each pair of answers was given on the pictures of common classes; pairs that never were are left out
 * @param currentBefore what the current model answers on the split's pictures from before its training: answers by label
 * @param currentNow what it answers on every picture
 * @param candidateNow what the candidate answers on every picture
 * @param currentPerSecond pictures that the current model judges per second, in one task; NaN if there were too few to tell
 * @param candidatePerSecond likewise
 */
public record Comparison(
        Metrics current,
        Metrics candidate,
        Metrics candidateOnAll,
        List<Answers> answers,
        List<Long> currentBefore,
        List<Long> currentNow,
        List<Long> candidateNow,
        double currentPerSecond,
        double candidatePerSecond) {

    /**
     * Pictures of one class about which the two models said the same two things.
     *
     * @param label the true class
     * @param current the current model's answer
     * @param candidate the candidate's
     * @param earlier whether the pictures were there when the current model was trained
     * @param examples how many
     */
    public record Answers(int label, int current, int candidate, boolean earlier, long examples) {
        /** Whether the current model is right, and the candidate wrong. */
        public boolean currentAloneRight() {
            return current == label && candidate != label;
        }

        /** Whether the candidate is right, and the current model wrong. */
        public boolean candidateAloneRight() {
            return candidate == label && current != label;
        }
    }

    /** The answers on pictures that were there when the current model was trained. */
    public List<Answers> earlierAnswers() {
        return answers.stream().filter(Answers::earlier).toList();
    }

    /** The answers on pictures that were not. */
    public List<Answers> newAnswers() {
        return answers.stream().filter(pair -> !pair.earlier()).toList();
    }
}
