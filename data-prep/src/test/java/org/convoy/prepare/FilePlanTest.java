package org.convoy.prepare;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.convoy.data.Split;
import org.convoy.prepare.Outcome.Origin;
import org.convoy.prepare.Outcome.Picture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.Tuple2;

import static org.assertj.core.api.Assertions.assertThat;

class FilePlanTest {
    private static final int PICTURE_BYTES = 100;

    /** Three partitions of unlike size: 23 rows of train, 4 of validation, 0 of test. */
    private static final List<List<Outcome>> PARTITIONS = List.of(
            outcomes(10, Split.TRAIN, 1, Split.VALIDATION),
            outcomes(0, Split.TRAIN, 3, Split.VALIDATION),
            outcomes(13, Split.TRAIN, 0, Split.VALIDATION));

    @ParameterizedTest
    @CsvSource({"100000, 1, 1, 1", "1000, 1, 3, 1", "100000, 4, 4, 4", "1000, 4, 4, 4", "500, 3, 6, 3", "100, 7, 23, 4"
    })
    void cutsSplitsIntoEqualFilesInAMultipleOfTheWorkers(
            long targetFileBytes, int multiple, int train, int validation) {
        FilePlan plan = plan(targetFileBytes, multiple);

        assertThat(plan.filesOf(Split.TRAIN)).hasSize(train);
        assertThat(plan.filesOf(Split.VALIDATION)).hasSize(validation);
        assertThat(plan.filesOf(Split.TEST)).isEmpty();
        assertThat(plan.allFiles()).isEqualTo(train + validation);
        Map<Integer, Long> sizes = LongStream.range(0, 27)
                .boxed()
                .collect(Collectors.groupingBy(plan::file, TreeMap::new, Collectors.counting()));
        assertThat(sizes).hasSize(train + validation);
        assertDifferByOneAtMost(sizes, plan, Split.TRAIN, 23);
        assertDifferByOneAtMost(sizes, plan, Split.VALIDATION, 4);
        assertThat(LongStream.range(0, 27).map(plan::file)).isSorted();
    }

    @Test
    void numbersPicturesSplitBySplitInTheOrderOfThePartitions() {
        FilePlan plan = plan(1000, 1);
        List<Tuple2<Long, Picture>> numbered = new ArrayList<>();
        for (int partition = 0; partition < 3; partition++) {
            Iterator<Tuple2<Long, Picture>> pictures =
                    plan.number(partition, PARTITIONS.get(partition).iterator());
            pictures.forEachRemaining(numbered::add);
        }

        assertThat(numbersOf(numbered, Split.TRAIN))
                .containsExactlyElementsOf(LongStream.range(0, 23).boxed().toList());
        assertThat(numbersOf(numbered, Split.VALIDATION)).containsExactly(23L, 24L, 25L, 26L);
    }

    private static FilePlan plan(long targetFileBytes, int multiple) {
        List<Tally> tallies = new ArrayList<>();
        for (List<Outcome> partition : PARTITIONS) {
            Tally tally = new Tally(1);
            partition.forEach(tally::add);
            tallies.add(tally);
        }
        return FilePlan.of(tallies, PICTURE_BYTES, targetFileBytes, multiple);
    }

    private static void assertDifferByOneAtMost(Map<Integer, Long> sizes, FilePlan plan, Split split, long rows) {
        List<Long> ofSplit =
                plan.filesOf(split).stream().map(sizes::get).sorted().toList();
        assertThat(ofSplit.stream().mapToLong(n -> n).sum()).isEqualTo(rows);
        assertThat(ofSplit.get(ofSplit.size() - 1) - ofSplit.get(0)).isLessThanOrEqualTo(1);
    }

    private static List<Long> numbersOf(List<Tuple2<Long, Picture>> numbered, Split split) {
        return numbered.stream()
                .filter(picture -> picture._2().origin().split() == split)
                .map(Tuple2::_1)
                .toList();
    }

    /** Pictures of two splits in turn, as long as there are any, with rejected ones and duplicates between. */
    private static List<Outcome> outcomes(int first, Split firstSplit, int second, Split secondSplit) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < Math.max(first, second); i++) {
            outcomes.add(new Outcome.Rejected(origin(firstSplit), Reason.TRUNCATED, "cut"));
            if (i < first) {
                outcomes.add(picture(firstSplit));
            }
            if (i < second) {
                outcomes.add(picture(secondSplit));
            }
        }
        return outcomes;
    }

    private static Picture picture(Split split) {
        return new Picture(origin(split), 1, 1, new byte[1]);
    }

    private static Origin origin(Split split) {
        return new Origin("a", 0, split, 1, new byte[32]);
    }
}
