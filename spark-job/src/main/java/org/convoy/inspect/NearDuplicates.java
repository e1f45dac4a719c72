package org.convoy.inspect;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.ExampleReader;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import scala.Tuple2;

/**
 * Pairs of pictures that look the same though their bytes differ: hashes that differ in four bits at most, and small grey copies
 * that hardly differ.
 *
 * <p>Two such hashes agree in at least one of five bands of bits. So pictures are sorted once per band, and each is compared with
 * those behind it that agree in the band: {@link #WINDOW} of them at most, which bounds the work where very many agree, as pictures
 * on an empty ground do. Tasks hold a window; counts and a few examples come to the driver.
 */
final class NearDuplicates {
    private static final int MOST_BITS = 4;
    private static final int BANDS = MOST_BITS + 1;
    private static final double MOST_GREY_LEVELS = 3;
    private static final int WINDOW = 2000;
    private static final int EXAMPLES = 10;

    private NearDuplicates() {}

    /** A picture to compare. */
    private record Candidate(String id, Split split, int label, PictureSignature signature) implements Serializable {}

    /**
     * Two pictures that look the same.
     *
     * @param a by split and id before {@code b}
     * @param grey mean difference in grey levels
     */
    record Pair(String a, String b, boolean acrossSplits, boolean acrossLabels, int bits, double grey)
            implements Serializable {
        /** Those that matter most first: pairs across splits, then the most alike. */
        static final Comparator<Pair> ORDER = Comparator.comparing((Pair pair) -> !pair.acrossSplits())
                .thenComparing(pair -> !pair.acrossLabels())
                .thenComparing(Pair::grey)
                .thenComparing(Pair::a)
                .thenComparing(Pair::b);
    }

    /**
     * What was found.
     *
     * @param cutShort comparisons left out because too many pictures agreed in a band; 0 if every pair was found
     */
    record Found(long pairs, long acrossSplits, long acrossLabels, long cutShort, List<Pair> examples)
            implements Serializable {
        static final Found NOTHING = new Found(0, 0, 0, 0, List.of());

        Found plus(Found other) {
            List<Pair> both = new ArrayList<>(examples);
            both.addAll(other.examples);
            both.sort(Pair.ORDER);
            return new Found(
                    pairs + other.pairs,
                    acrossSplits + other.acrossSplits,
                    acrossLabels + other.acrossLabels,
                    cutShort + other.cutShort,
                    List.copyOf(both.subList(0, Math.min(EXAMPLES, both.size()))));
        }
    }

    static Found find(JavaSparkContext spark, PreparedDataset dataset) {
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        List<Tuple2<Split, Manifest.DataFile>> files = new ArrayList<>();
        for (Split split : Split.values()) {
            dataset.manifest().split(split).files().forEach(file -> files.add(new Tuple2<>(split, file)));
        }
        SignatureReader reader =
                new SignatureReader(hadoop, dataset.path(), dataset.manifest().shape());
        int partitions = Math.max(files.size(), spark.defaultParallelism());
        try {
            return spark.parallelize(files, files.size())
                    .flatMap(reader::read)
                    .flatMapToPair(NearDuplicates::perBand)
                    .repartitionAndSortWithinPartitions(new ByBand(partitions))
                    .mapPartitions(
                            sorted -> List.of(new Comparison().all(sorted)).iterator())
                    .fold(Found.NOTHING, Found::plus);
        } finally {
            hadoop.destroy();
        }
    }

    private record SignatureReader(Broadcast<SerializableConfiguration> hadoop, String dataset, ImageShape shape)
            implements Serializable {
        Iterator<Candidate> read(Tuple2<Split, Manifest.DataFile> file) {
            List<Candidate> candidates = new ArrayList<>();
            ExampleReader.read(
                    hadoop.value().value(),
                    dataset,
                    List.of(file._2()),
                    0,
                    file._2().rows(),
                    example -> candidates.add(new Candidate(
                            example.id(), file._1(), example.label(), PictureSignature.of(shape, example.pixels()))));
            return candidates.iterator();
        }
    }

    /** Where a picture stands in the order of one band: those that agree in its bits are neighbours, the most alike next to each other. */
    private record Place(int band, long bits, long hash, String id) implements Comparable<Place>, Serializable {
        private static final Comparator<Place> ORDER = Comparator.comparingInt(Place::band)
                .thenComparingLong(Place::bits)
                .thenComparingLong(Place::hash)
                .thenComparing(Place::id);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }

        boolean agreesWith(Place other) {
            return band == other.band && bits == other.bits;
        }
    }

    private static final class ByBand extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final int partitions;

        ByBand(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object key) {
            Place place = (Place) key;
            return Math.floorMod(Objects.hash(place.band(), place.bits()), partitions);
        }
    }

    /** Every fifth bit, so that each band has some of every part of the picture. */
    private static long bits(int band, long hash) {
        long mask = 0;
        for (int bit = band; bit < Long.SIZE; bit += BANDS) {
            mask |= 1L << bit;
        }
        return hash & mask;
    }

    private static Iterator<Tuple2<Place, Candidate>> perBand(Candidate candidate) {
        List<Tuple2<Place, Candidate>> places = new ArrayList<>();
        long hash = candidate.signature().hash();
        for (int band = 0; band < BANDS; band++) {
            places.add(new Tuple2<>(new Place(band, bits(band, hash), hash, candidate.id()), candidate));
        }
        return places.iterator();
    }

    /** Goes through pictures in the order of their places. */
    private static final class Comparison {
        private final ArrayDeque<Candidate> window = new ArrayDeque<>();
        private final List<Pair> best = new ArrayList<>();
        private Place last;
        private long inBand;
        private long pairs;
        private long acrossSplits;
        private long acrossLabels;
        private long cutShort;

        Found all(Iterator<Tuple2<Place, Candidate>> sorted) {
            sorted.forEachRemaining(next -> add(next._1(), next._2()));
            return new Found(pairs, acrossSplits, acrossLabels, cutShort, List.copyOf(best));
        }

        private void add(Place place, Candidate candidate) {
            if (last == null || !last.agreesWith(place)) {
                window.clear();
                inBand = 0;
            }
            last = place;
            for (Candidate other : window) {
                compare(place.band(), other, candidate);
            }
            cutShort += inBand - window.size();
            inBand++;
            if (window.size() == WINDOW) {
                window.removeFirst();
            }
            window.addLast(candidate);
        }

        private void compare(int band, Candidate a, Candidate b) {
            int bits = a.signature().distance(b.signature());
            if (bits > MOST_BITS || agreeInLowerBand(band, a, b)) {
                return;
            }
            double grey = a.signature().difference(b.signature());
            if (grey > MOST_GREY_LEVELS) {
                return;
            }
            boolean splits = a.split() != b.split();
            boolean labels = a.label() != b.label();
            pairs++;
            acrossSplits += splits ? 1 : 0;
            acrossLabels += labels ? 1 : 0;
            boolean swapped = inWords(a).compareTo(inWords(b)) > 0;
            keep(new Pair(inWords(swapped ? b : a), inWords(swapped ? a : b), splits, labels, bits, grey));
        }

        /** Then the pair was found there. */
        private static boolean agreeInLowerBand(int band, Candidate a, Candidate b) {
            long differing = a.signature().hash() ^ b.signature().hash();
            for (int lower = 0; lower < band; lower++) {
                if (bits(lower, differing) == 0) {
                    return true;
                }
            }
            return false;
        }

        private void keep(Pair pair) {
            best.add(pair);
            if (best.size() > 2 * EXAMPLES) {
                best.sort(Pair.ORDER);
                best.subList(EXAMPLES, best.size()).clear();
            }
        }

        private static String inWords(Candidate candidate) {
            return candidate.id() + " (" + candidate.split().label() + ")";
        }
    }
}
