package org.convoy.prepare;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.convoy.data.Sha256;
import org.convoy.data.Split;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class SplitRuleTest {
    private static final SplitRule RULE = new SplitRule(0.2, 0.1);

    @Test
    void holdsTheShares() {
        int pictures = 100_000;
        Map<Split, Long> counts = IntStream.range(0, pictures)
                .mapToObj(i -> RULE.of(Split.TRAIN, hash(i)))
                .collect(Collectors.groupingBy(split -> split, Collectors.counting()));

        assertThat((double) counts.get(Split.TEST) / pictures).isCloseTo(0.1, within(0.005));
        assertThat((double) counts.get(Split.VALIDATION) / pictures).isCloseTo(0.2, within(0.005));
    }

    /** As good as by lot: in each of fifty classes the share is within four and a half standard deviations of a binomial. */
    @Test
    void holdsTheSharesInEachClass() {
        for (int label = 0; label < 50; label++) {
            int pictures = 200 + 40 * label;
            String name = "class " + label + " picture ";
            Map<Split, Long> counts = IntStream.range(0, pictures)
                    .mapToObj(i -> Sha256.of((name + i).getBytes(StandardCharsets.UTF_8)))
                    .collect(Collectors.groupingBy(sha256 -> RULE.of(Split.TRAIN, sha256), Collectors.counting()));

            assertThat((double) counts.get(Split.TEST))
                    .as(name)
                    .isCloseTo(0.1 * pictures, within(bound(pictures, 0.1)));
            assertThat((double) counts.get(Split.VALIDATION))
                    .as(name)
                    .isCloseTo(0.2 * pictures, within(bound(pictures, 0.2)));
        }
    }

    private static double bound(int pictures, double share) {
        return 4.5 * Math.sqrt(pictures * share * (1 - share));
    }

    /** These very hashes must fall so in every later version, or datasets change under their users. */
    @Test
    void neverMovesAPicture() {
        assertThat(IntStream.range(0, 50).filter(i -> RULE.of(Split.TRAIN, hash(i)) == Split.TEST))
                .containsExactly(15, 18, 39);
        assertThat(IntStream.range(0, 50).filter(i -> RULE.of(Split.TRAIN, hash(i)) == Split.VALIDATION))
                .containsExactly(5, 7, 9, 26, 37, 38);
    }

    @Test
    void leavesGivenSplitsAlone() {
        for (int i = 0; i < 100; i++) {
            assertThat(RULE.of(Split.TEST, hash(i))).isEqualTo(Split.TEST);
            assertThat(RULE.of(Split.VALIDATION, hash(i))).isEqualTo(Split.VALIDATION);
        }
    }

    @Test
    void saysNothingAboutThePlaceInTheFiles() {
        byte[] sameEnd = hash(1);
        Arrays.fill(sameEnd, 0, 8, (byte) 0);

        assertThat(RULE.of(Split.TRAIN, sameEnd)).isEqualTo(RULE.of(Split.TRAIN, hash(1)));
    }

    @Test
    void keepsEverythingInTrainWithoutShares() {
        SplitRule none = new SplitRule(0, 0);

        assertThat(IntStream.range(0, 100).mapToObj(i -> none.of(Split.TRAIN, hash(i))))
                .containsOnly(Split.TRAIN);
    }

    private static byte[] hash(int i) {
        return Sha256.of(String.valueOf(i).getBytes(StandardCharsets.UTF_8));
    }
}
