package org.convoy.prepare;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ClassTableTest {
    @Test
    void showsCountsSharesOfTrainAndHowUnlikeClassesAre() {
        String table = ClassTable.of(
                List.of("cat", "dog", "emu"),
                Map.of(
                        "train",
                        List.of(6L, 3000L, 994L),
                        "validation",
                        List.of(1L, 2L, 3L),
                        "test",
                        List.of(0L, 5L, 9L)));

        assertThat(table.lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "class train share validation test",
                        "cat 6 0.2 % 1 0",
                        "dog 3,000 75.0 % 2 5",
                        "emu 994 24.9 % 3 9",
                        "all 4,000 100.0 % 6 14",
                        "balance of train: dog has 500.0 times the pictures of cat");
    }

    @Test
    void sumsUpWhatIsBeyondTheFirstTwentyClasses() {
        List<Long> ones = IntStream.range(0, 25).mapToObj(i -> 2L).toList();

        String table = ClassTable.of(
                IntStream.range(0, 25).mapToObj(i -> "c" + i).toList(),
                Map.of("train", ones, "validation", ones, "test", ones));

        assertThat(table.lines()).hasSize(1 + 20 + 1 + 1 + 1);
        assertThat(table).contains("c19").doesNotContain("c20").containsPattern("\\(5 more\\) +10 +20.0 % +10 +10");
    }
}
