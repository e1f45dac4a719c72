package org.convoy.retrain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.convoy.data.Manifest;
import org.convoy.data.Split;

/**
 * What a train split has more than before: the difference of exact sums.
 *
 * @param rowsPerClass in label order
 * @param pixels sums over the new pictures
 */
record NewPictures(List<Long> rowsPerClass, Manifest.PixelSums pixels) {

    /** Empty if nothing has come, or if the one does not go back to the other. */
    static Optional<NewPictures> between(Manifest before, Manifest now) {
        List<Long> old = before.split(Split.TRAIN).rowsPerClass();
        List<Long> rows = new ArrayList<>(now.split(Split.TRAIN).rowsPerClass());
        long count = now.trainPixels().count() - before.trainPixels().count();
        boolean goesBack = now.classes().size() >= before.classes().size()
                && now.classes().subList(0, before.classes().size()).equals(before.classes())
                && now.shape().equals(before.shape());
        if (!goesBack || count <= 0) {
            return Optional.empty();
        }
        for (int label = 0; label < old.size(); label++) {
            rows.set(label, rows.get(label) - old.get(label));
        }
        if (rows.stream().anyMatch(n -> n < 0)) {
            return Optional.empty();
        }
        return Optional.of(new NewPictures(
                List.copyOf(rows),
                new Manifest.PixelSums(
                        count,
                        minus(now.trainPixels().sums(), before.trainPixels().sums()),
                        minus(now.trainPixels().products(), before.trainPixels().products()))));
    }

    private static List<Long> minus(List<Long> all, List<Long> some) {
        List<Long> rest = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            rest.add(all.get(i) - some.get(i));
        }
        return rest;
    }

    /** By how much mean or deviation of the channel that is off most has changed, in standard deviations of what was before. */
    double channelDrift(Manifest before) {
        double most = 0;
        for (int channel = 0; channel < before.mean().size(); channel++) {
            // One grey level where all pictures were of one colour.
            double deviation = Math.max(1, before.standardDeviation().get(channel));
            double mean = Math.abs(pixels.mean().get(channel) - before.mean().get(channel));
            double spread = Math.abs(pixels.standardDeviation().get(channel)
                    - before.standardDeviation().get(channel));
            most = Math.max(most, Math.max(mean, spread) / deviation);
        }
        return most;
    }
}
