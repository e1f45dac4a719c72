package org.convoy.score;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.convoy.evaluate.Tally;
import org.convoy.inspect.Thumbnail;

/**
 * What is known of a unit, or several, beside its rows: kept until all are done, because not all of it can be told from the rows.
 */
final class UnitSummary implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Of the pictures that the model is wrong about, the surest. */
    static final int WRONG_KEPT = 24;

    private static final JsonMapper JSON = new JsonMapper();

    private final TreeMap<String, Long> errors = new TreeMap<>();
    private final Tally tally;
    private final List<WrongPicture> wrong = new ArrayList<>();
    private long pictures;
    private long labelled;

    UnitSummary(int classes) {
        this.tally = new Tally(classes);
    }

    /** The form in a file. */
    private record Stored(long pictures, Map<String, Long> errors, Tally.Counts tally, List<WrongPicture> wrong) {}

    /** Counts one answer. */
    void add(Answer answer, Thumbnail thumbnail) {
        pictures++;
        if (!answer.isPrediction()) {
            errors.merge(answer.error().reason().code(), 1L, Long::sum);
            return;
        }
        int label = answer.picture().label();
        if (label == Picture.UNKNOWN) {
            return;
        }
        labelled++;
        tally.add(label, answer.probabilities(), 0);
        int predicted = answer.best(1)[0];
        float probability = answer.probabilities()[predicted];
        boolean sure = wrong.size() < WRONG_KEPT
                || probability >= wrong.get(WRONG_KEPT - 1).probability();
        if (predicted != label && sure) {
            keep(new WrongPicture(answer.picture().id(), label, predicted, probability, thumbnail.of(answer.pixels())));
        }
    }

    private void keep(WrongPicture picture) {
        wrong.add(picture);
        wrong.sort(WrongPicture.SUREST_FIRST);
        if (wrong.size() > WRONG_KEPT) {
            wrong.remove(WRONG_KEPT);
        }
    }

    void add(UnitSummary other) {
        pictures += other.pictures;
        labelled += other.labelled;
        other.errors.forEach((code, count) -> errors.merge(code, count, Long::sum));
        tally.add(other.tally);
        other.wrong.forEach(this::keep);
    }

    long pictures() {
        return pictures;
    }

    /** Pictures that could not be decoded, by reason. */
    Map<String, Long> errors() {
        return errors;
    }

    /** Pictures that were answered for and have a label. */
    long labelled() {
        return labelled;
    }

    /** Of the labelled pictures. */
    Tally tally() {
        return tally;
    }

    List<WrongPicture> wrong() {
        return wrong;
    }

    byte[] toJson() throws IOException {
        return JSON.writeValueAsBytes(new Stored(pictures, errors, tally.counts(), wrong));
    }

    static UnitSummary fromJson(byte[] json, int classes) throws IOException {
        Stored stored = JSON.readValue(json, Stored.class);
        UnitSummary summary = new UnitSummary(classes);
        summary.pictures = stored.pictures();
        summary.errors.putAll(stored.errors());
        summary.tally.add(Tally.of(classes, stored.tally()));
        summary.labelled = stored.tally().examples();
        stored.wrong().forEach(summary::keep);
        return summary;
    }
}
