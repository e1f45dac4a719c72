package org.convoy.prepare;

import java.io.Serializable;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.Partitioner;
import org.convoy.data.Split;
import org.convoy.prepare.Outcome.Picture;
import scala.Tuple2;

/**
 * Which file each kept picture is written to. All pictures are numbered: train, then validation, then test, each in content-hash
 * order. A split's numbers are cut into as many files as asked, which differ by one row at most.
 */
final class FilePlan implements Serializable {
    private static final long serialVersionUID = 1L;

    private final EnumMap<Split, SplitPlan> splits = new EnumMap<>(Split.class);

    /**
     * The part of one split.
     *
     * @param firstNumber of its pictures
     * @param firstFile among the files of all splits
     * @param files 0 if it has no rows
     * @param firstByPartition number of the first picture in each partition
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    private record SplitPlan(long firstNumber, long rows, int firstFile, int files, long[] firstByPartition)
            implements Serializable {

        /** The file f for which rows · f / files ≤ row < rows · (f + 1) / files, each rounded down. */
        int file(long number) {
            long row = number - firstNumber;
            return firstFile + Math.toIntExact(((row + 1) * files - 1) / rows);
        }
    }

    private FilePlan() {}

    /**
     * Plans the files of what was counted.
     *
     * @param tallies by partition; the partitions follow each other in content-hash order
     * @param pictureBytes C·H·W
     * @param targetFileBytes bytes of pixels that a file should hold
     * @param multiple the number of files of a split is a multiple of it, unless it has fewer rows than that
     */
    static FilePlan of(List<Tally> tallies, int pictureBytes, long targetFileBytes, int multiple) {
        FilePlan plan = new FilePlan();
        long number = 0;
        int file = 0;
        for (Split split : Split.values()) {
            long rows = 0;
            long[] firstByPartition = new long[tallies.size()];
            for (int partition = 0; partition < firstByPartition.length; partition++) {
                firstByPartition[partition] = number + rows;
                rows += tallies.get(partition).rows(split);
            }
            int files = files(rows, pictureBytes, targetFileBytes, multiple);
            plan.splits.put(split, new SplitPlan(number, rows, file, files, firstByPartition));
            number += rows;
            file += files;
        }
        return plan;
    }

    private static int files(long rows, int pictureBytes, long targetFileBytes, int multiple) {
        long bySize = dividedUp(Math.multiplyExact(rows, (long) pictureBytes), targetFileBytes);
        return Math.toIntExact(Math.min(rows, dividedUp(bySize, multiple) * multiple));
    }

    private static long dividedUp(long dividend, long divisor) {
        return Math.floorDiv(dividend + divisor - 1, divisor);
    }

    /** Files of all splits. */
    int allFiles() {
        return splits.values().stream().mapToInt(SplitPlan::files).sum();
    }

    /** The files of a split, by their numbers among all. */
    Set<Integer> filesOf(Split split) {
        SplitPlan plan = splits.get(split);
        return IntStream.range(plan.firstFile(), plan.firstFile() + plan.files())
                .boxed()
                .collect(Collectors.toSet());
    }

    /** The file of a picture, by its number. */
    int file(long number) {
        for (SplitPlan plan : splits.values()) {
            if (number < plan.firstNumber() + plan.rows()) {
                return plan.file(number);
            }
        }
        throw new IllegalArgumentException("number must be one of a counted picture but was " + number);
    }

    /** A partition per file, keyed by a picture's number. */
    static final class Files extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final FilePlan plan;

        Files(FilePlan plan) {
            this.plan = plan;
        }

        @Override
        public int numPartitions() {
            return plan.allFiles();
        }

        @Override
        public int getPartition(Object number) {
            return plan.file((Long) number);
        }
    }

    /** Gives each picture of one partition its number; leaves the rest out. */
    Iterator<Tuple2<Long, Picture>> number(int partition, Iterator<Outcome> outcomes) {
        Map<Split, Long> first = new HashMap<>();
        splits.forEach((split, plan) -> first.put(split, plan.firstByPartition()[partition]));
        return new Numbering(outcomes, first);
    }

    private static final class Numbering implements Iterator<Tuple2<Long, Picture>> {
        private final Iterator<Outcome> outcomes;
        private final Map<Split, Long> nextNumber;
        private Picture picture; // null at the end

        Numbering(Iterator<Outcome> outcomes, Map<Split, Long> nextNumber) {
            this.outcomes = outcomes;
            this.nextNumber = nextNumber;
            advance();
        }

        private void advance() {
            picture = null;
            while (picture == null && outcomes.hasNext()) {
                picture = outcomes.next() instanceof Picture kept ? kept : null;
            }
        }

        @Override
        public boolean hasNext() {
            return picture != null;
        }

        @Override
        public Tuple2<Long, Picture> next() {
            if (picture == null) {
                throw new NoSuchElementException();
            }
            Picture numbered = picture;
            advance();
            long number = nextNumber.merge(numbered.origin().split(), 1L, Long::sum) - 1;
            return new Tuple2<>(number, numbered);
        }
    }
}
