package org.convoy.prepare;

import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.Colour;
import org.convoy.data.ImageShape;
import org.convoy.data.Split;
import org.convoy.prepare.PictureFiles.PictureFile;

/**
 * A table with the path of each picture, relative to the table's own directory or absolute, and its label.
 */
final class PictureTable implements Source {
    private static final String PATH = "path";

    private final String root;
    private final ImageDecoder decoder;
    private final SparkTable table;
    private final Survey survey;
    private final List<String> classes;

    private PictureTable(String root, ImageDecoder decoder, SparkTable table, Survey survey, List<String> classes) {
        this.root = root;
        this.decoder = decoder;
        this.table = table;
        this.survey = survey;
        this.classes = classes;
    }

    static PictureTable open(SparkSession spark, Configuration hadoop, PrepareConfig config) {
        SparkTable table =
                SparkTable.open(spark, hadoop, config.input(), SparkTable.Format.CSV, SparkTable.Format.PARQUET);
        table.require(PATH, DataTypes.StringType);
        Survey survey = table.survey(functions.col(PATH));
        String root = InputFiles.qualified(hadoop, config.input()).getParent().toString();
        return new PictureTable(root, ImageDecoder.of(config), table, survey, survey.classes(config.input()));
    }

    @Override
    public ImageShape shape() {
        return Source.shape(decoder);
    }

    @Override
    public Colour colour() {
        return decoder.colour();
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public long pictures() {
        return survey.pictures();
    }

    @Override
    public Set<Split> givenSplits() {
        return survey.splits();
    }

    @Override
    public boolean weighted() {
        return table.weighted();
    }

    @Override
    public JavaRDD<Outcome> read(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, SplitRule rule) {
        ClassLabels labels = ClassLabels.of(classes);
        Column noBytes = functions.lit(null).cast(DataTypes.BinaryType);
        JavaRDD<PictureFile> files = table.pictures(functions.col(PATH), noBytes)
                .map(row -> new PictureFile(row.key(), labels.of(row.className()), row.given(), row.weight(), 0));
        ImageDecoder pictures = decoder;
        return new PictureFiles(root, decoder.maxBytes(), hadoop)
                .read(files, pictures(), 0, spark.defaultParallelism())
                .map(picture -> picture.decoded(pictures, rule));
    }
}
