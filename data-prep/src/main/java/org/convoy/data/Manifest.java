package org.convoy.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a dataset says of itself, {@code manifest.json}. Written last, so a directory without it is no dataset; read
 * strictly, so an unknown, missing or null field is an error.
 *
 * @param classes class names; the index is the label
 * @param weighted whether rows have the column {@code weight}, float32 above 0: how much each counts in training
 * @param splits by {@link Split#label()}; all three are there, also when empty
 * @param rejectedFiles the list of rejected pictures; a file's digest is {@link RejectedPicture#digest}
 * @param mean per channel over the train split, in pixel units 0 to 255
 * @param standardDeviation per channel over the train split (population), in pixel units
 * @param trainPixels the exact sums that mean and deviation come from, so that they can be added to
 * @param statistics what else the dataset knows of the train split's pixels
 * @param statisticsFiles where that stands: {@link PictureSums}, to be added up; a file's digest is
 *     {@link PictureSums#digest}
 * @param splitRule which picture goes to which split, in words
 * @param configuration the effective configuration of the run that made the dataset, value by key
 * @param versions likewise
 * @param appended what was appended to it since, oldest first
 */
public record Manifest(
        int formatVersion,
        ImageShape shape,
        Colour colour,
        List<String> classes,
        boolean weighted,
        Map<String, SplitContent> splits,
        Counts counts,
        List<DataFile> rejectedFiles,
        List<Double> mean,
        List<Double> standardDeviation,
        PixelSums trainPixels,
        Statistics statistics,
        List<DataFile> statisticsFiles,
        String splitRule,
        Map<String, String> configuration,
        Versions versions,
        List<Run> appended)
        implements Serializable {

    /** The only format that is read: 3 has the sums of products of channels, sums by pixel, and weights. */
    public static final int FORMAT_VERSION = 3;

    public static final String FILE_NAME = "manifest.json";

    private static final String PREPARATION = "prepare.image.";
    private static final Set<String> SHAPE_KEYS = Set.of("colour", "height", "width");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /**
     * One split.
     *
     * @param rowsPerClass in label order
     * @param files in reading order
     */
    public record SplitContent(long rows, List<Long> rowsPerClass, List<DataFile> files) implements Serializable {
        public SplitContent {
            rowsPerClass = List.copyOf(rowsPerClass);
            files = List.copyOf(files);
            requireSum("rows", rows, rowsPerClass.stream().mapToLong(n -> n).sum(), "the sum of rowsPerClass");
            requireSum("rows", rows, files.stream().mapToLong(DataFile::rows).sum(), "the sum of its files' rows");
        }
    }

    /**
     * One Parquet file.
     *
     * @param path relative to the dataset
     * @param digest of the file's rows as {@link ExampleDigest} has it
     */
    public record DataFile(String path, long rows, long bytes, String digest) implements Serializable {}

    /**
     * Where every picture that was read has gone: read = written + rejected + duplicates.
     *
     * @param rejected pictures set aside in {@code _rejected}, by reason
     * @param duplicates pictures with the bytes and the label of one that is kept
     * @param duplicatesAcrossSplits those of them that lay in another split than the one that is kept
     */
    public record Counts(
            long read, long written, Map<String, Long> rejected, long duplicates, long duplicatesAcrossSplits)
            implements Serializable {
        public Counts {
            rejected = unmodifiable(rejected);
            long accounted = written + duplicates + sum(rejected);
            requireSum("read", read, accounted, "written + rejected + duplicates");
        }

        /** Rejected pictures of all reasons. */
        public long rejectedTotal() {
            return sum(rejected);
        }

        /** Both together. */
        public Counts plus(Counts other) {
            Map<String, Long> both = new LinkedHashMap<>(rejected);
            other.rejected.forEach((reason, n) -> both.merge(reason, n, Long::sum));
            return new Counts(
                    read + other.read,
                    written + other.written,
                    both,
                    duplicates + other.duplicates,
                    duplicatesAcrossSplits + other.duplicatesAcrossSplits);
        }

        /** A line with the whole account, and one per reason. */
        public String inWords() {
            StringBuilder words = new StringBuilder(String.format(
                    Locale.ROOT,
                    "read %,d = written %,d + rejected %,d + duplicates %,d%n",
                    read,
                    written,
                    rejectedTotal(),
                    duplicates));
            rejected.forEach((reason, n) -> words.append(String.format(Locale.ROOT, "  %s %,d%n", reason, n)));
            if (duplicatesAcrossSplits > 0) {
                words.append(String.format(
                        Locale.ROOT,
                        "  %,d of the duplicates lay in another split than the picture that is kept%n",
                        duplicatesAcrossSplits));
            }
            return words.toString();
        }

        private static long sum(Map<String, Long> rejected) {
            return rejected.values().stream().mapToLong(n -> n).sum();
        }
    }

    /**
     * Sums over pixels, unsigned bytes.
     *
     * @param count pixels per channel
     * @param sums of the pixels, per channel
     * @param products sums of the products of two channels of one pixel, C·C, row by row
     */
    public record PixelSums(long count, List<Long> sums, List<Long> products) implements Serializable {
        public PixelSums {
            sums = List.copyOf(sums);
            products = List.copyOf(products);
            requireSum(
                    "trainPixels.products",
                    products.size(),
                    (long) sums.size() * sums.size(),
                    "one per pair of channels");
        }

        /** Per channel, in pixel units. */
        public List<Double> mean() {
            return sums.stream().map(sum -> (double) sum / count).toList();
        }

        /** Per channel, of the population, in pixel units. */
        public List<Double> standardDeviation() {
            double[] covariance = covariance();
            List<Double> deviation = new ArrayList<>();
            for (int channel = 0; channel < sums.size(); channel++) {
                deviation.add(Math.sqrt(Math.max(0, covariance[channel * (sums.size() + 1)])));
            }
            return deviation;
        }

        /** Of the channels, of the population, in pixel units squared: C·C, row by row. */
        public double[] covariance() {
            List<Double> mean = mean();
            int channels = sums.size();
            double[] covariance = new double[channels * channels];
            for (int i = 0; i < covariance.length; i++) {
                covariance[i] = (double) products.get(i) / count - mean.get(i / channels) * mean.get(i % channels);
            }
            return covariance;
        }
    }

    /** What wrote the dataset. */
    public record Versions(String convoy, String spark, String java) implements Serializable {}

    /**
     * Pictures that were appended.
     *
     * @param counts of this run alone; the manifest's own counts have it in them
     * @param configuration the effective configuration, value by key
     */
    public record Run(Counts counts, Map<String, String> configuration, Versions versions) implements Serializable {
        public Run {
            configuration = unmodifiable(configuration);
        }
    }

    public Manifest {
        if (formatVersion != FORMAT_VERSION) {
            throw new IllegalArgumentException("formatVersion must be " + FORMAT_VERSION + " but was " + formatVersion);
        }
        classes = List.copyOf(classes);
        splits = unmodifiable(splits);
        rejectedFiles = List.copyOf(rejectedFiles);
        statisticsFiles = List.copyOf(statisticsFiles);
        mean = List.copyOf(mean);
        standardDeviation = List.copyOf(standardDeviation);
        configuration = unmodifiable(configuration);
        appended = List.copyOf(appended);
        if (colour.channels() != shape.channels()) {
            throw new IllegalArgumentException("shape.channels must be " + colour.channels() + " for " + colour.label()
                    + " but was " + shape.channels());
        }
        requireSum("mean", mean.size(), shape.channels(), "one value per channel");
        requireSum("standardDeviation", standardDeviation.size(), shape.channels(), "one value per channel");
        long written = 0;
        for (Split split : Split.values()) {
            SplitContent content = splits.get(split.label());
            if (content == null) {
                throw new IllegalArgumentException(
                        "splits must contain '" + split.label() + "' but has " + splits.keySet());
            }
            requireSum("rowsPerClass", content.rowsPerClass().size(), classes.size(), "one value per class");
            written += content.rows();
        }
        requireSum(
                "rejectedFiles",
                rejectedFiles.stream().mapToLong(DataFile::rows).sum(),
                counts.rejectedTotal(),
                "as many rows as pictures were rejected");
        requireSum("trainPixels", trainPixels.sums().size(), shape.channels(), "one sum per channel");
        requireSum("splits", splits.size(), Split.values().length, "one per split");
        requireSum("counts.written", counts.written(), written, "the rows of all splits");
    }

    public SplitContent split(Split split) {
        return Objects.requireNonNull(splits.get(split.label()));
    }

    /**
     * How encoded pictures became pixels: values of the keys below {@code prepare.image} but for the shape, by what follows
     * that. They travel with a model, so that it is asked about pictures as it was trained on them.
     */
    public Map<String, String> preparation() {
        Map<String, String> preparation = new LinkedHashMap<>();
        configuration.forEach((key, value) -> {
            String name = key.startsWith(PREPARATION) ? key.substring(PREPARATION.length()) : "";
            if (!name.isEmpty() && !SHAPE_KEYS.contains(name)) {
                preparation.put(name, value);
            }
        });
        return preparation;
    }

    /** Rows in label order, by split. */
    public Map<String, List<Long>> rowsPerClass() {
        Map<String, List<Long>> rowsPerClass = new LinkedHashMap<>();
        splits.forEach((split, content) -> rowsPerClass.put(split, content.rowsPerClass()));
        return rowsPerClass;
    }

    /** The manifest as JSON in UTF-8; the same manifest gives the same bytes. */
    public byte[] toJson() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write the manifest as JSON", e);
        }
    }

    /**
     * Reads what {@link #toJson()} wrote.
     *
     * @throws IllegalArgumentException with one line that says what is wrong
     */
    public static Manifest fromJson(byte[] json) {
        try {
            JsonNode tree = JSON.readTree(json);
            if (!tree.isObject()) {
                throw new IllegalArgumentException("it is not a JSON object");
            }
            JsonNode version = tree.path("formatVersion");
            if (!version.isInt()) {
                throw new IllegalArgumentException("formatVersion must be a whole number but was " + version);
            }
            if (version.intValue() != FORMAT_VERSION) {
                throw new IllegalArgumentException("formatVersion must be " + FORMAT_VERSION + " but was "
                        + version.intValue() + ": it was written by another version of Convoy");
            }
            return JSON.treeToValue(tree, Manifest.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static <V> Map<String, V> unmodifiable(Map<String, V> map) {
        map.forEach((key, value) -> Objects.requireNonNull(value, () -> "'" + key + "' must not be null"));
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    private static void requireSum(String field, long value, long rule, String words) {
        if (value != rule) {
            throw new IllegalArgumentException(field + " must be " + words + " (" + rule + ") but was " + value);
        }
    }
}
