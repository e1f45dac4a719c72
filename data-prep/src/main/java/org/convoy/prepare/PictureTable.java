package org.convoy.prepare;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.prepare.PictureFiles.PictureFile;

/**
 * A table with the path of each picture, relative to the table's own directory or absolute, and its label.
 */
final class PictureTable implements Source {
    private static final String PATH = "path";

    private final String root;
    private final ImageDecoder decoder;
    private final SparkTable table;
    private final Contents contents;

    private PictureTable(String root, ImageDecoder decoder, SparkTable table, Contents contents) {
        this.root = root;
        this.decoder = decoder;
        this.table = table;
        this.contents = contents;
    }

    static PictureTable open(SparkSession spark, Configuration hadoop, PrepareConfig config) {
        SparkTable table =
                SparkTable.open(spark, hadoop, config.input(), SparkTable.Format.CSV, SparkTable.Format.PARQUET);
        table.require(PATH, DataTypes.StringType);
        Survey survey = table.survey(functions.col(PATH));
        String root = InputFiles.qualified(hadoop, config.input()).getParent().toString();
        ImageDecoder decoder = ImageDecoder.of(config);
        Contents contents = Contents.of(decoder, survey, survey.classes(config.input()));
        return new PictureTable(root, decoder, table, contents.weighted(table.weighted()));
    }

    @Override
    public Contents contents() {
        return contents;
    }

    @Override
    public JavaRDD<Outcome> read(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, SplitRule rule) {
        ClassLabels labels = ClassLabels.of(contents.classes());
        Column noBytes = functions.lit(null).cast(DataTypes.BinaryType);
        JavaRDD<PictureFile> files = table.pictures(functions.col(PATH), noBytes)
                .map(row -> new PictureFile(row.key(), labels.of(row.className()), row.given(), row.weight(), 0));
        ImageDecoder pictures = decoder;
        return new PictureFiles(root, decoder.maxBytes(), hadoop)
                .read(files, contents.pictures(), 0, spark.defaultParallelism())
                .map(picture -> picture.decoded(pictures, rule));
    }
}
