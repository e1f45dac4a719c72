package org.convoy.prepare;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.runtime.UserError;

/**
 * Pictures in units that are read one by one, for work that must be taken up where it stopped. What is in a unit, and in which order,
 * depends on the input alone. Labels are asked for and not required; nothing is decoded or left out.
 */
public sealed interface PictureUnits permits FolderUnits, TarUnits, SequenceFileUnits, ParquetUnits, DatasetUnits {

    /**
     * A unit.
     *
     * @param of what it is a part of and which, with all that is known of the input's state: another text is another unit
     */
    record Unit(String of, long pictures) {}

    /**
     * Lists and counts, on executors.
     *
     * @throws UserError (bad input) if the input is missing, damaged or not what the configuration says
     */
    static PictureUnits open(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, UnitsConfig config) {
        return switch (config.kind()) {
            case AUTO -> throw new IllegalArgumentException("kind must be known: see UnitsKind.of");
            case DATASET -> DatasetUnits.open(hadoop, config);
            case IMAGE_FOLDER -> FolderUnits.open(spark, hadoop, config);
            case TAR -> TarUnits.open(spark, hadoop, config);
            case PARQUET -> ParquetUnits.open(spark, hadoop, config);
            case SEQUENCE_FILE -> SequenceFileUnits.open(spark, hadoop, config);
        };
    }

    List<Unit> units();

    /** Whether pictures come with labels, of the classes that were asked for. */
    boolean labelled();

    /**
     * Some of the units, each partition one after another.
     *
     * @param numbers of them, ascending
     * @param tasks partitions of the result, at most
     */
    JavaRDD<UnitPictures> read(JavaSparkContext spark, List<Integer> numbers, int tasks);
}
