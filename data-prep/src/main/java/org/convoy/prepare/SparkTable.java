package org.convoy.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.convoy.data.Split;
import org.convoy.runtime.UserError;

/**
 * A table with a row per picture, as Spark reads it: CSV with a header, or Parquet. It has the column {@code label}, and may have
 * {@code split} (train, validation or test; empty for none) and {@code weight} (how much a picture counts in training; empty
 * for 1). What is wrong with it is the user's error.
 *
 * @param input what the user gave
 */
record SparkTable(String input, Dataset<Row> table) {
    private static final String LABEL = "label";
    private static final String SPLIT = "split";
    private static final String WEIGHT = "weight";

    private static final List<DataType> WEIGHT_TYPES = List.of(
            DataTypes.StringType, DataTypes.FloatType, DataTypes.DoubleType, DataTypes.IntegerType, DataTypes.LongType);

    /** What a label may be; it is a class's name in either case. */
    private static final List<DataType> LABEL_TYPES = List.of(
            DataTypes.StringType, DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType);

    /** The kinds of files. */
    enum Format {
        CSV(".*\\.csv(\\.gz)?", ".csv or .csv.gz"),
        PARQUET(".*\\.parquet", ".parquet");

        private final String pattern;
        private final String inWords;

        Format(String pattern, String inWords) {
            this.pattern = pattern;
            this.inWords = inWords;
        }
    }

    /**
     * One checked row.
     *
     * @param key what the table calls the picture
     * @param bytes the encoded picture; null if the table has paths
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Picture(String key, String className, Split given, float weight, byte[] bytes) implements Serializable {}

    /**
     * Opens a file, or a directory of them.
     *
     * @param formats one of these, as the first file's name says
     * @throws UserError (bad input) if it is missing, of another format or unreadable
     */
    static SparkTable open(SparkSession spark, Configuration hadoop, String input, Format... formats) {
        Optional<String> name;
        try {
            Path path = new Path(input);
            FileSystem fileSystem = path.getFileSystem(hadoop);
            name = firstFile(fileSystem, fileSystem.getFileStatus(path));
        } catch (FileNotFoundException e) {
            throw UserError.badInput("[" + input + "] input does not exist", e);
        } catch (IOException e) {
            throw unreadable(input, e);
        }
        for (Format format : formats) {
            if (name.isPresent() && name.get().matches(format.pattern)) {
                return new SparkTable(input, reading(input, () -> read(spark, input, format)));
            }
        }
        throw UserError.badInput("[" + input + "] must be a file named "
                + String.join(
                        " or ",
                        Arrays.stream(formats).map(format -> format.inWords).toList())
                + ", or a directory of such"
                + name.map(found -> " but has '" + found + "'").orElse(""));
    }

    private static Optional<String> firstFile(FileSystem fileSystem, FileStatus from) throws IOException {
        if (from.isFile()) {
            return Optional.of(from.getPath().getName());
        }
        FileStatus[] entries = fileSystem.listStatus(from.getPath());
        Arrays.sort(entries);
        for (FileStatus entry : entries) {
            String name = entry.getPath().getName();
            Optional<String> first = Hidden.is(name) ? Optional.empty() : firstFile(fileSystem, entry);
            if (first.isPresent()) {
                return first;
            }
        }
        return Optional.empty();
    }

    private static Dataset<Row> read(SparkSession spark, String input, Format format) {
        // Of the row-wise reader: the other one holds thousands of pictures at a time.
        SparkSession rowWise = spark.newSession();
        rowWise.conf().set("spark.sql.parquet.enableVectorizedReader", "false");
        DataFrameReader reader = rowWise.read();
        return switch (format) {
            case CSV ->
                reader.option("header", "true")
                        .option("enforceSchema", "false") // the header of each file of a directory counts
                        .option("ignoreLeadingWhiteSpace", "true")
                        .option("ignoreTrailingWhiteSpace", "true")
                        .option("mode", "FAILFAST")
                        .option("pathGlobFilter", "*.{csv,csv.gz}")
                        .csv(input);
            case PARQUET -> reader.option("pathGlobFilter", "*.parquet").parquet(input);
        };
    }

    /** Whether rows may say how much they count. */
    boolean weighted() {
        return has(WEIGHT);
    }

    /** Whether there is a column of this name. */
    boolean has(String column) {
        return List.of(table.columns()).contains(column);
    }

    /** @throws UserError (bad input) if there is no column of this name and type */
    void require(String column, DataType... types) {
        if (!has(column)) {
            throw UserError.badInput(
                    "[" + input + "] has no column '" + column + "'; its columns are " + List.of(table.columns()));
        }
        DataType type = table.schema().apply(column).dataType();
        if (!List.of(types).contains(type)) {
            throw UserError.badInput("[" + input + "] column '" + column + "' must be "
                    + String.join(
                            " or ",
                            Arrays.stream(types).map(DataType::simpleString).toList()) + " but is "
                    + type.simpleString());
        }
    }

    /**
     * The rows of pictures, checked as they are read: an error names the row by its key.
     *
     * @param key the column that names a row
     * @param bytes the column with the encoded picture, or a null
     */
    JavaRDD<Picture> pictures(Column key, Column bytes) {
        require(LABEL, LABEL_TYPES.toArray(DataType[]::new));
        if (has(SPLIT)) {
            require(SPLIT, DataTypes.StringType);
        }
        if (weighted()) {
            require(WEIGHT, WEIGHT_TYPES.toArray(DataType[]::new));
        }
        Column none = functions.lit(null).cast(DataTypes.StringType);
        Column split = has(SPLIT) ? functions.col(SPLIT) : none;
        Column weight = weighted() ? functions.col(WEIGHT).cast(DataTypes.StringType) : none;
        Column label = functions.col(LABEL).cast(DataTypes.StringType);
        String whole = input;
        return table.select(key, label, split, weight, bytes)
                .javaRDD()
                .mapPartitions(rows -> new Pictures(whole, rows));
    }

    /** Runs over the table once. */
    Survey survey(Column key) {
        Survey survey = new Survey();
        pictures(key, functions.lit(null).cast(DataTypes.BinaryType))
                .mapPartitions(SparkTable::counted)
                .collect()
                .forEach(survey::add);
        return survey;
    }

    private static Iterator<Survey> counted(Iterator<Picture> pictures) {
        Survey survey = new Survey();
        pictures.forEachRemaining(picture -> survey.add(picture.given(), picture.className(), 1));
        return List.of(survey).iterator();
    }

    private static final class Pictures implements Iterator<Picture> {
        private final String input;
        private final Iterator<Row> rows;

        Pictures(String input, Iterator<Row> rows) {
            this.input = input;
            this.rows = rows;
        }

        @Override
        public boolean hasNext() {
            return reading(input, rows::hasNext);
        }

        @Override
        public Picture next() {
            Row row = reading(input, rows::next);
            String key = row.getString(0);
            String className = row.getString(1);
            if (isBlank(key)) {
                throw UserError.badInput("[" + input + "] a row has no path or id; its label is '" + className + "'");
            }
            if (isBlank(className)) {
                throw UserError.badInput("[" + input + "] the row of '" + key + "' has no label");
            }
            return new Picture(
                    key, className, given(key, row.getString(2)), weight(key, row.getString(3)), row.getAs(4));
        }

        private Split given(String key, String split) {
            if (isBlank(split)) {
                return Split.TRAIN;
            }
            return FolderLayout.splitNamed(split)
                    .orElseThrow(() -> UserError.badInput("[" + input + "] the row of '" + key + "' has split '" + split
                            + "'; it must be train, validation, test or empty"));
        }

        private float weight(String key, String weight) {
            if (isBlank(weight)) {
                return 1;
            }
            try {
                float value = Float.parseFloat(weight);
                if (value > 0 && !Float.isInfinite(value)) {
                    return value;
                }
            } catch (NumberFormatException e) {
                throw badWeight(key, weight, e);
            }
            throw badWeight(key, weight, null);
        }

        private UserError badWeight(String key, String weight, NumberFormatException cause) {
            return UserError.badInput(
                    "[" + input + "] the row of '" + key + "' has weight '" + weight
                            + "'; it must be a number above 0, or empty for 1",
                    cause);
        }

        private static boolean isBlank(String value) {
            return value == null || value.isBlank();
        }
    }

    /** Spark throws checked exceptions that it does not declare. */
    private static <T> T reading(String input, Callable<T> action) {
        try {
            return action.call();
        } catch (Exception e) {
            throw unreadable(input, e);
        }
    }

    /** Spark's message says which file, the innermost one says what is wrong with it. */
    private static UserError unreadable(String input, Throwable failure) {
        Throwable outer = failure;
        while (outer.getCause() != null && String.valueOf(outer.getMessage()).startsWith("Job aborted")) {
            outer = outer.getCause();
        }
        Throwable inner = outer;
        while (inner.getCause() != null) {
            inner = inner.getCause();
        }
        String where = firstLine(outer);
        String what = firstLine(inner);
        return UserError.badInput(
                "[" + input + "] Cannot read: " + where + (where.contains(what) ? "" : " " + what), failure);
    }

    private static String firstLine(Throwable thrown) {
        return String.valueOf(thrown.getMessage()).lines().findFirst().orElse(thrown.toString());
    }
}
