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

/**
 * Parquet files with the encoded picture in the column {@code bytes}, its label, and maybe an {@code id}; without one a picture is
 * known by its file and its row there.
 */
final class ParquetPictures implements Source {
    private static final String BYTES = "bytes";
    private static final String ID = "id";

    private final ImageDecoder decoder;
    private final SparkTable table;
    private final Contents contents;

    private ParquetPictures(ImageDecoder decoder, SparkTable table, Contents contents) {
        this.decoder = decoder;
        this.table = table;
        this.contents = contents;
    }

    static ParquetPictures open(SparkSession spark, Configuration hadoop, PrepareConfig config) {
        SparkTable table = SparkTable.open(spark, hadoop, config.input(), SparkTable.Format.PARQUET);
        table.require(BYTES, DataTypes.BinaryType);
        if (table.has(ID)) {
            table.require(ID, DataTypes.StringType);
        }
        Survey survey = table.survey(id(table));
        ImageDecoder decoder = ImageDecoder.of(config);
        Contents contents = Contents.of(decoder, survey, survey.classes(config.input()));
        return new ParquetPictures(decoder, table, contents.weighted(table.weighted()));
    }

    private static Column id(SparkTable table) {
        return table.has(ID)
                ? functions.col(ID)
                : functions.concat_ws("/", functions.col("_metadata.file_name"), functions.col("_metadata.row_index"));
    }

    @Override
    public Contents contents() {
        return contents;
    }

    @Override
    public JavaRDD<Outcome> read(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, SplitRule rule) {
        ClassLabels labels = ClassLabels.of(contents.classes());
        ImageDecoder pictures = decoder;
        return table.pictures(id(table), functions.col(BYTES)).map(row -> Encoded.of(
                        row.key(),
                        labels.of(row.className()),
                        row.given(),
                        row.bytes() == null ? new byte[0] : row.bytes())
                .weighing(row.weight())
                .decoded(pictures, rule));
    }
}
