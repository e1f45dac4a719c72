package org.convoy.retrain;

import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.convoy.data.Colour;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.Statistics;
import org.convoy.evaluate.Comparison;
import org.convoy.evaluate.Comparison.Answers;
import org.convoy.evaluate.Metrics;
import org.convoy.retrain.Gate.Verdict;
import org.convoy.runtime.Settings;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class GatesTest {
    private static final Manifest BEFORE = manifest(100, 100, 100, 20);
    /** Twice as much of the same. */
    private static final Manifest NOW = manifest(200, 200, 100, 20);

    private static Gate gate(String name, List<Gate> gates) {
        return gates.stream()
                .filter(gate -> gate.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<Gate> judge(Comparison comparison, Manifest now, String... limits) {
        return judge(Optional.of(comparison), Optional.of(BEFORE), now, limits);
    }

    private static List<Gate> judge(
            Optional<Comparison> comparison, Optional<Manifest> before, Manifest now, String... limits) {
        GateLimits read = GateLimits.from(ConfigFactory.parseString(String.join("\n", limits))
                .withFallback(Settings.reference().getConfig("retrain.gates")));
        Metrics candidate = comparison.map(Comparison::candidateOnAll).orElse(metrics(900, 100, 0.05));
        return Gates.judge(read, 1, new Gates.Case(candidate, 1_048_576, comparison, 1_048_576, before, now));
    }

    /** Of a thousand cats and dogs; the two models' answers picture by picture. */
    private static Comparison comparison(long bothRight, long currentAlone, long candidateAlone) {
        List<Answers> answers = List.of(
                new Answers(0, 0, 0, true, bothRight),
                new Answers(0, 0, 1, true, currentAlone),
                new Answers(1, 0, 1, true, candidateAlone));
        long all = bothRight + currentAlone + candidateAlone;
        Metrics current = metrics(bothRight + currentAlone, all - bothRight - currentAlone, 0.05);
        Metrics candidate = metrics(bothRight + candidateAlone, all - bothRight - candidateAlone, 0.05);
        return new Comparison(
                current,
                candidate,
                candidate,
                answers,
                List.of(500L, 500L),
                List.of(510L, 490L),
                List.of(500L, 500L),
                1_000,
                900);
    }

    /** The same with pictures that the current version could not know. */
    private static Comparison withNew(Comparison earlier, Answers... added) {
        List<Answers> answers = new ArrayList<>(earlier.answers());
        answers.addAll(List.of(added));
        return new Comparison(
                earlier.current(),
                earlier.candidate(),
                earlier.candidateOnAll(),
                answers,
                earlier.currentBefore(),
                earlier.currentNow(),
                earlier.candidateNow(),
                1_000,
                900);
    }

    private static Metrics metrics(long right, long wrong, double calibrationError) {
        long all = right + wrong;
        double share = (double) right / all;
        return new Metrics(
                all,
                share,
                1,
                0.3,
                calibrationError,
                List.of(
                        new Metrics.ClassMetrics("cat", all / 2, share, share, share),
                        new Metrics.ClassMetrics("dog", all / 2, share, share, share)),
                List.of(List.of(right / 2, wrong / 2), List.of(wrong / 2, right / 2)));
    }

    private static Manifest manifest(long cats, long dogs, long mean, long deviation) {
        long pixels = (cats + dogs) * 4;
        Manifest.PixelSums sums = new Manifest.PixelSums(
                pixels, List.of(pixels * mean), List.of(pixels * (mean * mean + deviation * deviation)));
        Manifest.SplitContent none = new Manifest.SplitContent(0, List.of(0L, 0L), List.of());
        return new Manifest(
                Manifest.FORMAT_VERSION,
                new ImageShape(1, 2, 2),
                Colour.GREY,
                List.of("cat", "dog"),
                false,
                Map.of(
                        "train",
                        new Manifest.SplitContent(
                                cats + dogs,
                                List.of(cats, dogs),
                                List.of(new Manifest.DataFile("split=train/part-0.parquet", cats + dogs, 1, "d"))),
                        "validation",
                        none,
                        "test",
                        none),
                new Manifest.Counts(cats + dogs, cats + dogs, Map.of(), 0, 0),
                List.of(),
                sums.mean(),
                sums.standardDeviation(),
                sums,
                Statistics.CHANNELS,
                List.of(),
                "",
                Map.of(),
                new Manifest.Versions("", "", ""),
                List.of());
    }

    @Test
    void aBetterCandidatePassesEverything() {
        assertThat(judge(withNew(comparison(880, 20, 40), new Answers(0, 0, 0, false, 100)), NOW))
                .allMatch(gate -> gate.verdict() == Verdict.PASSED);
    }

    @Test
    void aChanceThatIsNextToNoneIsNotCalledNone() {
        assertThat(gate("accuracy", judge(comparison(900, 80, 20), NOW)).detail())
                .startsWith("McNemar p < 0.0001; of ");
    }

    @Test
    void aLossBeyondTheToleranceFailsWhateverChanceSays() {
        Gate metric = gate("accuracy", judge(comparison(980, 14, 6), NOW));

        assertThat(metric.verdict()).isEqualTo(Verdict.FAILED);
        assertThat(metric.current()).isCloseTo(0.994, within(1e-9));
        assertThat(metric.candidate()).isCloseTo(0.986, within(1e-9));
        assertThat(metric.rule()).isEqualTo(">= 0.9890, and no loss with p < 0.05");
        assertThat(metric.detail())
                .isEqualTo("McNemar p = 0.058; of 1000 pictures 14 only the current one names rightly, 6 only the"
                        + " candidate");
    }

    @Test
    void aLossWithinTheTolerancePassesIfItMayBeChanceAndFailsIfNot() {
        assertThat(gate("accuracy", judge(comparison(980, 12, 8), NOW)).verdict())
                .isEqualTo(Verdict.PASSED);
        // The same four pictures, but now the candidate has nothing on its side.
        assertThat(gate("accuracy", judge(comparison(995, 5, 0), NOW, "tolerance = 0.01"))
                        .verdict())
                .isEqualTo(Verdict.FAILED);
        assertThat(gate("accuracy", judge(comparison(995, 5, 0), NOW, "tolerance = 0.01", "significance = 0"))
                        .verdict())
                .isEqualTo(Verdict.PASSED);
    }

    /** New pictures are labelled wrongly, and the candidate has learned that: on all pictures it is the better one. */
    @Test
    void whatIsLostOnEarlierPicturesIsNotMadeUpForByNewOnes() {
        Comparison all = comparison(500, 0, 0);
        Comparison learned = new Comparison(
                all.current(),
                all.candidate(),
                all.candidateOnAll(),
                List.of(
                        new Answers(0, 0, 0, true, 400),
                        new Answers(0, 0, 1, true, 100),
                        new Answers(1, 0, 1, false, 300)),
                all.currentBefore(),
                all.currentNow(),
                all.candidateNow(),
                1_000,
                1_000);

        List<Gate> gates = judge(learned, NOW);

        assertThat(gate("accuracy", gates).verdict()).isEqualTo(Verdict.PASSED);
        Gate earlier = gate("accuracy on earlier ones", gates);
        assertThat(earlier.verdict()).isEqualTo(Verdict.FAILED);
        assertThat(earlier.current()).isEqualTo(1);
        assertThat(earlier.candidate()).isEqualTo(0.8);
    }

    /** The candidate has learned nothing of them, and is as good as before. */
    @Test
    void labelsThatTheCurrentVersionFindsWrongAreDrift() {
        Comparison half =
                withNew(comparison(1_000, 0, 0), new Answers(0, 0, 0, false, 150), new Answers(1, 0, 0, false, 150));

        Gate labels = gate("drift of labels", judge(half, NOW));
        assertThat(labels.verdict()).isEqualTo(Verdict.FAILED);
        assertThat(labels.current()).isEqualTo(1);
        assertThat(labels.candidate()).isEqualTo(0.5);
        assertThat(labels.rule()).isEqualTo(">= 0.8000");
        assertThat(RetrainReport.failed(judge(half, NOW))).containsExactly("drift of labels");
        assertThat(gate("drift of labels", judge(half, NOW, "label-drift = 0.5"))
                        .verdict())
                .isEqualTo(Verdict.PASSED);
        assertThat(gate("drift of labels", judge(comparison(900, 50, 50), NOW)).detail())
                .isEqualTo("the held-out split has no new pictures");
    }

    @Test
    void eachClassHasItsFloor() {
        List<Gate> gates = judge(comparison(900, 50, 50), NOW, "class-recall = 0.9", "class-recalls { dog = 0.96 }");

        assertThat(gate("recall of cat", gates).verdict()).isEqualTo(Verdict.PASSED);
        assertThat(gate("recall of dog", gates).verdict()).isEqualTo(Verdict.FAILED);
        assertThat(gate("recall of dog", gates).current()).isCloseTo(0.95, within(1e-9));
        assertThat(RetrainReport.failed(gates)).containsExactly("recall of dog");
    }

    @Test
    void calibrationSizeAndTimeHaveTheirLimits() {
        List<Gate> gates =
                judge(comparison(900, 50, 50), NOW, "calibration-error = 0.04", "size-ratio = 0.9", "time-ratio = 1.1");

        assertThat(RetrainReport.failed(gates))
                .containsExactly("calibration error", "archive, MiB", "scoring, microseconds");
        Gate time = gate("scoring, microseconds", gates);
        assertThat(time.current()).isCloseTo(1_000, within(1e-6));
        assertThat(time.candidate()).isCloseTo(1e6 / 900, within(1e-6));
    }

    @Test
    void answersThatHaveAnotherMixAreDrift() {
        Comparison same = comparison(900, 50, 50);
        Comparison drifted = new Comparison(
                same.current(),
                same.candidate(),
                same.candidateOnAll(),
                same.answers(),
                List.of(500L, 500L),
                List.of(510L, 490L),
                List.of(800L, 200L),
                1_000,
                1_000);

        Gate predictions = gate("drift of predictions", judge(drifted, NOW));

        assertThat(predictions.verdict()).isEqualTo(Verdict.FAILED);
        assertThat(predictions.current()).isLessThan(0.01);
        assertThat(predictions.candidate()).isCloseTo(0.3 * Math.log(4), within(0.01));
        assertThat(predictions.detail()).endsWith("'cat' was 50.0 % and is 80.0 %");
    }

    @Test
    void onlyTheNewPicturesCountAsDriftOfTheInput() {
        // 100 cats and 100 dogs of level 100, then 100 cats and 10 dogs of level 130.
        long old = 200 * 4;
        long added = 110 * 4;
        Manifest.PixelSums sums = new Manifest.PixelSums(
                old + added, List.of(old * 100 + added * 130), List.of(old * 10_400 + added * 17_300));
        Manifest mixed = manifest(200, 110, 100, 20);
        Manifest now = new Manifest(
                mixed.formatVersion(),
                mixed.shape(),
                mixed.colour(),
                mixed.classes(),
                false,
                mixed.splits(),
                mixed.counts(),
                List.of(),
                sums.mean(),
                sums.standardDeviation(),
                sums,
                mixed.statistics(),
                List.of(),
                "",
                Map.of(),
                mixed.versions(),
                List.of());

        List<Gate> gates = judge(comparison(900, 50, 50), now);

        assertThat(RetrainReport.failed(gates)).containsExactly("drift of classes", "drift of channels");
        assertThat(gate("drift of channels", gates).candidate()).isCloseTo(1.5, within(1e-9));
        assertThat(gate("drift of channels", gates).detail()).contains("mean [130.0] was [100.0]");
        assertThat(gate("drift of classes", gates).detail()).endsWith("'cat' was 50.0 % and is 90.9 %");
    }

    @Test
    void whatHasNothingToCompareWithIsNotJudgedAndKeepsNothingBack() {
        List<Gate> first = judge(Optional.empty(), Optional.empty(), NOW);

        List<String> judged = new ArrayList<>();
        first.stream().filter(gate -> gate.verdict() != Verdict.NOT_JUDGED).forEach(gate -> judged.add(gate.name()));
        assertThat(judged).containsExactly("recall of cat", "recall of dog", "calibration error");
        assertThat(gate("accuracy", first).detail()).isEqualTo("there is no current version");
        assertThat(RetrainReport.failed(first)).isEmpty();

        List<Gate> withoutRecord = judge(Optional.of(comparison(900, 50, 50)), Optional.empty(), NOW);
        assertThat(gate("drift of channels", withoutRecord).detail())
                .isEqualTo("it is not known what the current version was trained on");
    }
}
