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
