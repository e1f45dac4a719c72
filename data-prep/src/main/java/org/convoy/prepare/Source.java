package org.convoy.prepare;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.runtime.UserError;

/**
 * Pictures with labels. Opening counts and checks them without decoding, on executors where there are many; reading decodes, on
 * executors, and must give as many as were counted.
 */
sealed interface Source
        permits ImageFolder, IdxFiles, TarArchives, PictureTable, ParquetPictures, SequenceFiles, CifarFiles {

    /**
     * Counts and checks the input.
     *
     * @throws UserError (bad input) if it is not what the configuration says it is
     */
    static Source open(SparkSession spark, Broadcast<SerializableConfiguration> hadoop, PrepareConfig config) {
        Configuration onDriver = hadoop.value().value();
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        return switch (config.source()) {
            case IMAGE_FOLDER -> ImageFolder.open(context, hadoop, config);
            case IDX -> IdxFiles.open(onDriver, config);
            case TAR -> TarArchives.open(context, hadoop, config);
            case TABLE -> PictureTable.open(spark, onDriver, config);
            case PARQUET -> ParquetPictures.open(spark, onDriver, config);
            case SEQUENCE_FILE -> SequenceFiles.open(context, hadoop, config);
            case CIFAR -> CifarFiles.open(context, hadoop, config);
        };
    }

    Contents contents();

    /** One outcome per record, decoded on executors: a picture or a rejection. */
    JavaRDD<Outcome> read(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, SplitRule rule);
}
