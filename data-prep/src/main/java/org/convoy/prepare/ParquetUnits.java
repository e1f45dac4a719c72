package org.convoy.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.convoy.data.ParquetRows;
import org.convoy.data.Split;
import org.convoy.prepare.UnitsConfig.Columns;
import org.convoy.runtime.UserError;

/**
 * A table of Parquet files, in directories of partitions ({@code day=2026-01-01}) or not, with the encoded picture in a column. A unit
 * is a range of one file's rows, whole row groups where those are small enough. Read row by row: a task holds one row group.
 */
final class ParquetUnits implements PictureUnits {
    private static final String DELTA_LOG = "_delta_log";
    private static final int MOST_LABEL_NAMES = 100_000;

    private final UnitsConfig config;
    private final Broadcast<SerializableConfiguration> hadoop;
    private final List<Rows> ranges;
    private final KnownClasses classes;

    private ParquetUnits(
            UnitsConfig config, Broadcast<SerializableConfiguration> hadoop, List<Rows> ranges, KnownClasses classes) {
        this.config = config;
        this.hadoop = hadoop;
        this.ranges = ranges;
        this.classes = classes;
    }

    /**
     * A file of the table.
     *
     * @param path with its scheme
     * @param below from the table's directory on
     */
    private record TableFile(String path, String below, long bytes) implements Serializable {}

    /** Rows {@code from} up to but without {@code to} of a file that has {@code rows}. */
    private record Rows(TableFile file, long rows, long from, long to) implements Serializable {}

    /** What a file's footer says, and the labels in it. */
    private record Footer(TableFile file, List<Long> rowGroups, TreeSet<String> labels) implements Serializable {
        long rows() {
            return rowGroups.stream().mapToLong(n -> n).sum();
        }
    }

    static ParquetUnits open(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, UnitsConfig config) {
        List<TableFile> files = files(hadoop.value().value(), config.input());
        boolean readsLabels = config.labels() != UnitsConfig.Labels.NONE;
        Columns columns = config.columns();
        List<Footer> footers = spark.parallelize(files, files.size())
                .map(file -> footer(hadoop.value().value(), file, columns, readsLabels))
                .collect();
        long rows = footers.stream().mapToLong(Footer::rows).sum();
        if (rows == 0) {
            throw UserError.badInput("[" + config.input() + "] has no rows to score");
        }
        TreeSet<String> names = new TreeSet<>();
        footers.forEach(footer -> names.addAll(footer.labels()));
        long each = config.picturesPerUnit(rows);
        return new ParquetUnits(
                config,
                hadoop,
                footers.stream()
                        .flatMap(footer -> ranges(footer, each).stream())
                        .toList(),
                KnownClasses.among(config, names));
    }

    private static List<TableFile> files(Configuration hadoop, String input) {
        Path root = InputFiles.qualified(hadoop, input);
        List<TableFile> files = new ArrayList<>();
        try {
            FileSystem fileSystem = root.getFileSystem(hadoop);
            FileStatus status = fileSystem.getFileStatus(root);
            if (status.isFile()) {
                return List.of(new TableFile(root.toString(), "", status.getLen()));
            }
            if (fileSystem.exists(new Path(root, DELTA_LOG))) {
                throw UserError.badInput(
                        "[" + input + "] is a Delta table, whose files alone do not say which rows it has:"
                                + " score it as a DataFrame, or write it as Parquet first");
            }
            addFiles(fileSystem, root, root.toString().length() + 1, files);
        } catch (FileNotFoundException e) {
            throw UserError.badInput("[" + input + "] input does not exist", e);
        } catch (IOException e) {
            throw UserError.badInput("[" + input + "] Cannot list: " + e.getMessage(), e);
        }
        if (files.isEmpty()) {
            throw UserError.badInput("[" + input + "] must be a file named .parquet, or a directory of such");
        }
        files.sort((a, b) -> a.below().compareTo(b.below()));
        return files;
    }

    private static void addFiles(FileSystem fileSystem, Path directory, int rootLength, List<TableFile> files)
            throws IOException {
        RemoteIterator<FileStatus> entries = fileSystem.listStatusIterator(directory);
        while (entries.hasNext()) {
            FileStatus entry = entries.next();
            String path = entry.getPath().toString();
            if (Hidden.is(entry.getPath().getName())) {
                continue;
            }
            if (entry.isDirectory()) {
                addFiles(fileSystem, entry.getPath(), rootLength, files);
            } else if (path.endsWith(".parquet")) {
                files.add(new TableFile(path, path.substring(rootLength), entry.getLen()));
            }
        }
    }

    private static Footer footer(Configuration hadoop, TableFile file, Columns columns, boolean readsLabels) {
        List<Long> rowGroups;
        MessageType schema;
        try (ParquetFileReader reader =
                ParquetFileReader.open(HadoopInputFile.fromPath(new Path(file.path()), hadoop))) {
            rowGroups = reader.getRowGroups().stream()
                    .map(BlockMetaData::getRowCount)
                    .toList();
            schema = reader.getFileMetaData().getSchema();
        } catch (IOException e) {
            throw UserError.badInput("[" + file.path() + "] Cannot read: " + e.getMessage(), e);
        } catch (RuntimeException e) { // Parquet's answer to damage
            throw UserError.badInput("[" + file.path() + "] is not readable Parquet: " + e.getMessage(), e);
        }
        new PictureColumns(file, columns).of(schema);
        TreeSet<String> labels = new TreeSet<>();
        Footer footer = new Footer(file, new ArrayList<>(rowGroups), labels);
        Optional<String> ofPartition = partitionValue(file, columns.label());
        if (readsLabels && ofPartition.isPresent()) {
            labels.add(ofPartition.get());
        } else if (readsLabels && schema.containsField(columns.label())) {
            try (ParquetRows<Group> rows = new ParquetRows<>(
                    hadoop, source(file, footer.rows()), new LabelColumn(columns.label()), 0, footer.rows())) {
                rows.forEachRemaining(row -> text(row, columns.label()).ifPresent(labels::add));
            }
            if (labels.size() > MOST_LABEL_NAMES) {
                throw UserError.badInput("[" + file.path() + "] column '" + columns.label() + "' has more than "
                        + MOST_LABEL_NAMES + " values: those are no classes; score.labels = none does not read it");
            }
        }
        return footer;
    }

    private static ParquetRows.Source source(TableFile file, long rows) {
        return new ParquetRows.Source(
                new Path(file.path()), rows, "the table's listing", "the table must not change while it is scored");
    }

    /** Whole row groups, cut where one is larger than a unit. */
    private static List<Rows> ranges(Footer footer, long each) {
        List<Rows> ranges = new ArrayList<>();
        long from = 0;
        long end = 0;
        for (long group : footer.rowGroups()) {
            if (end > from && end - from + group > each) {
                ranges.add(new Rows(footer.file(), footer.rows(), from, end));
                from = end;
            }
            end += group;
            for (; end - from > each; from += each) {
                ranges.add(new Rows(footer.file(), footer.rows(), from, from + each));
            }
        }
        if (end > from) {
            ranges.add(new Rows(footer.file(), footer.rows(), from, end));
        }
        return ranges;
    }

    /** The value that a directory of a partition gives the column. */
    private static Optional<String> partitionValue(TableFile file, String column) {
        for (String part : file.below().split("/", -1)) {
            if (part.startsWith(column + "=")) {
                return Optional.of(part.substring(column.length() + 1));
            }
        }
        return Optional.empty();
    }

    @Override
    public List<Unit> units() {
        return ranges.stream()
                .map(rows -> new Unit(
                        "rows " + rows.from() + " to " + (rows.to() - 1) + " of " + rows.rows() + " of "
                                + (rows.file().below().isEmpty()
                                        ? "the file"
                                        : rows.file().below())
                                + " of " + rows.file().bytes() + " bytes",
                        rows.to() - rows.from()))
                .toList();
    }

    @Override
    public boolean labelled() {
        return classes.areRead();
    }

    @Override
    public JavaRDD<UnitPictures> read(JavaSparkContext spark, List<Integer> numbers, int tasks) {
        Broadcast<SerializableConfiguration> configuration = hadoop;
        UnitsConfig settings = config;
        KnownClasses known = classes;
        List<Rows> wanted = numbers.stream().map(ranges::get).toList();
        return UnitPictures.inTasks(
                spark.parallelize(wanted, wanted.size())
                        .flatMap(rows -> new Pictures(configuration.value().value(), rows, settings, known)),
                tasks);
    }

    /** A value as text; empty where there is none. */
    private static Optional<String> text(Group row, String column) {
        return row.getType().containsField(column) && row.getFieldRepetitionCount(column) > 0
                ? Optional.of(row.getValueToString(row.getType().getFieldIndex(column), 0))
                : Optional.empty();
    }

    /** The columns of a picture. */
    private record PictureColumns(TableFile file, Columns names) implements ParquetRows.Columns<Group> {
        @Override
        public MessageType of(MessageType schema) {
            List<Type> chosen = new ArrayList<>();
            Type bytes = required(schema, names.bytes(), PrimitiveTypeName.BINARY);
            if (bytes.getLogicalTypeAnnotation() != null) {
                throw unfit(bytes, "binary");
            }
            chosen.add(bytes);
            if (schema.containsField(names.id())) {
                chosen.add(required(
                        schema,
                        names.id(),
                        PrimitiveTypeName.BINARY,
                        PrimitiveTypeName.INT32,
                        PrimitiveTypeName.INT64));
            }
            if (schema.containsField(names.label())) {
                chosen.add(required(
                        schema,
                        names.label(),
                        PrimitiveTypeName.BINARY,
                        PrimitiveTypeName.INT32,
                        PrimitiveTypeName.INT64));
            }
            return new MessageType(schema.getName(), chosen);
        }

        private Type required(MessageType schema, String column, PrimitiveTypeName... types) {
            if (!schema.containsField(column)) {
                throw UserError.badInput("[" + file.path() + "] has no column '" + column + "'; its columns are "
                        + schema.getFields().stream().map(Type::getName).toList());
            }
            Type type = schema.getType(column);
            if (!type.isPrimitive()
                    || type.isRepetition(Type.Repetition.REPEATED)
                    || !List.of(types).contains(type.asPrimitiveType().getPrimitiveTypeName())) {
                throw unfit(
                        type,
                        Arrays.stream(types)
                                .map(wanted -> wanted.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(" or ")));
            }
            return type;
        }

        private UserError unfit(Type column, String wanted) {
            return UserError.badInput(
                    "[" + file.path() + "] column '" + column.getName() + "' must be " + wanted + " but is " + column);
        }

        @Override
        public RecordMaterializer<Group> materializer(MessageType columns) {
            return new GroupRecordConverter(columns);
        }
    }

    private record LabelColumn(String name) implements ParquetRows.Columns<Group> {
        @Override
        public MessageType of(MessageType schema) {
            return new MessageType(schema.getName(), schema.getType(name));
        }

        @Override
        public RecordMaterializer<Group> materializer(MessageType columns) {
            return new GroupRecordConverter(columns);
        }
    }

    /** Streams the pictures of a range. */
    private static final class Pictures implements Iterator<Encoded> {
        private final Rows range;
        private final UnitsConfig config;
        private final KnownClasses classes;
        private final ParquetRows<Group> rows;
        private final Optional<String> label;
        private long number;

        Pictures(Configuration hadoop, Rows range, UnitsConfig config, KnownClasses classes) {
            this.range = range;
            this.config = config;
            this.classes = classes;
            this.number = range.from();
            this.label = partitionValue(range.file(), config.columns().label());
            this.rows = new ParquetRows<>(
                    hadoop,
                    source(range.file(), range.rows()),
                    new PictureColumns(range.file(), config.columns()),
                    range.from(),
                    range.to());
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> rows.close());
        }

        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public Encoded next() {
            Group row = rows.next();
            Columns columns = config.columns();
            String id = id(row, columns);
            number++;
            int classOf = classes.of(label.or(() -> text(row, columns.label())).orElse(null));
            byte[] bytes = row.getFieldRepetitionCount(columns.bytes()) == 0
                    ? new byte[0]
                    : row.getBinary(columns.bytes(), 0).getBytes();
            return bytes.length > config.maxBytes()
                    ? Encoded.unread(id, classOf, Split.TRAIN, bytes.length)
                    : Encoded.of(id, classOf, Split.TRAIN, bytes);
        }

        /** Where the table has no such column, its file and row. */
        private String id(Group row, Columns columns) {
            if (row.getType().containsField(columns.id())) {
                return text(row, columns.id())
                        .filter(value -> !value.isEmpty())
                        .orElseThrow(() -> UserError.badInput("[" + range.file().path() + "] row " + number
                                + " has nothing in column '" + columns.id() + "'"));
            }
            String below = range.file().below();
            return (below.isEmpty() ? new Path(range.file().path()).getName() : below) + "/" + number;
        }
    }
}
