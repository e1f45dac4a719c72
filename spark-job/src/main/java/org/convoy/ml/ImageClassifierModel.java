package org.convoy.ml;

import com.typesafe.config.Config;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.convoy.data.ImageShape;
import org.convoy.model.InputShape;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;
import org.convoy.prepare.ImageDecoder;
import org.convoy.repository.ModelRepository;
import org.convoy.repository.ModelVersion;
import org.convoy.runtime.Settings;
import org.convoy.runtime.UserError;
import org.convoy.score.Scorer;
import scala.Option;

/**
 * A trained network as a stage of Spark ML: adds its answers to rows of encoded pictures.
 *
 * <pre>
 * ImageClassifierModel model = ImageClassifierModel.of("hdfs:///models", "pets@CURRENT");
 * Dataset&lt;Row&gt; answers = model.setInputCol("content").transform(spark.read().format("binaryFile").load("hdfs:///raw"));
 * </pre>
 *
 * Every row of the input is one of the output, with its columns. Pictures are decoded, resized and normalised as those that the model
 * was trained on were. One that cannot be decoded has a reason in {@code errorCol}, of the same codes as {@code score} writes, and
 * null elsewhere. A task holds a few batches, whatever the size of its partition; an executor holds the network once.
 */
public final class ImageClassifierModel extends Model<ImageClassifierModel>
        implements ImageClassifierParams<ImageClassifierModel>, MLWritable {
    private static final long serialVersionUID = 1L;

    private static final String ARCHIVE = "model.zip";
    private static final String NAME = "imageClassifierModel";

    /** Enough to keep the network busy, few enough for large pictures. */
    private static final int BATCH_SIZE = 64;

    private final String uid;
    private final byte[] archive;
    private final List<String> classes;

    /**
     * Checks the archive.
     *
     * @param archive of {@link ModelArchive}
     * @param where it comes from, for messages
     * @throws org.convoy.model.BadModelException if it is no model
     */
    ImageClassifierModel(String uid, byte[] archive, String where) {
        this.uid = uid;
        this.archive = archive;
        this.classes = ModelArchive.read(archive, where).card().classes();
        setColumnDefaults();
        setDefault(batchSize(), BATCH_SIZE);
    }

    /**
     * A version of a model repository.
     *
     * @param modelsDirectory the repository's
     * @param reference NAME (the newest version), NAME@CURRENT (the published one) or NAME@NUMBER
     * @throws UserError if there is none
     */
    public static ImageClassifierModel of(String modelsDirectory, String reference) {
        ModelRepository repository =
                ModelRepository.at(SparkSession.active().sparkContext().hadoopConfiguration(), modelsDirectory);
        ModelVersion version = ModelVersion.find(repository, reference);
        byte[] archive = repository.file(version.name(), version.number(), ModelRepository.ARCHIVE);
        return new ImageClassifierModel(Identifiable$.MODULE$.randomUID(NAME), archive, version.toString());
    }

    /**
     * A model archive.
     *
     * @param path of a model.zip, on any Hadoop file system
     * @throws org.convoy.model.BadModelException if it is no model of Convoy's
     */
    public static ImageClassifierModel ofFile(String path) {
        Configuration hadoop = SparkSession.active().sparkContext().hadoopConfiguration();
        return new ImageClassifierModel(Identifiable$.MODULE$.randomUID(NAME), contents(new Path(path), hadoop), path);
    }

    @Override
    public String uid() {
        return uid;
    }

    /** Pictures that the network computes at once; a task holds four times as many. Default: 64, or what the estimator trained with. */
    public IntParam batchSize() {
        return new IntParam(this, "batchSize", "pictures that the network computes at once", ParamValidators.gtEq(1));
    }

    public int getBatchSize() {
        return (int) getOrDefault(batchSize());
    }

    public ImageClassifierModel setBatchSize(int pictures) {
        set(batchSize(), pictures);
        return this;
    }

    /** Names in the order of predictions and probabilities. */
    public List<String> classes() {
        return classes;
    }

    /**
     * Adds the answers. Nothing is computed before an action asks for it.
     *
     * @throws IllegalArgumentException if there are no pictures in the dataset, or a column has a name that is added
     */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        StructType schema = transformSchema(dataset.schema());
        ModelArchive model = ModelArchive.read(archive, uid);
        JavaSparkContext spark =
                JavaSparkContext.fromSparkContext(dataset.sparkSession().sparkContext());
        // Not destroyed: the answers may be asked for at any time. Spark takes the broadcast back when nobody knows it
        // any more.
        Scorer scorer = Scorer.of(spark, model, getBatchSize()).decoding(decoder(model.card()));
        List<AnswerColumn> added = Stream.of(AnswerColumn.values())
                .filter(column -> !getOrDefault(column.param(this)).isEmpty())
                .toList();
        int input = dataset.schema().fieldIndex(getInputCol());
        return dataset.toDF().mapPartitions(new RowScoring(scorer, input, classes, added), Encoders.row(schema));
    }

    /** @throws UserError (bad input) if the card does not say how pictures were prepared */
    static ImageDecoder decoder(ModelCard card) {
        if (card.preparation().isEmpty()) {
            throw UserError.badInput(
                    "the model's card does not say how its pictures were prepared, as it did not in older"
                            + " versions: train the model again");
        }
        InputShape input = card.input();
        Config limits = Settings.reference().getConfig("prepare");
        return ImageDecoder.as(
                card.preparation(),
                new ImageShape(input.channels(), input.height(), input.width()),
                new ImageDecoder.Limits(
                        limits.getLong("max-picture-bytes"),
                        limits.getLong("max-picture-pixels"),
                        limits.getLong("max-picture-seconds")));
    }

    @Override
    public StructType transformSchema(StructType schema) {
        return withAnswers(schema);
    }

    @Override
    public ImageClassifierModel copy(ParamMap extra) {
        ImageClassifierModel copy = new ImageClassifierModel(uid, archive, uid);
        return copyValues(copy.setParent(parent()), extra);
    }

    /** Writes the archive, which stock DL4J reads as well, and behind it the params as Spark ML does. */
    @Override
    public MLWriter write() {
        return new Writer(this);
    }

    /** Reads what {@link #write()} saved. */
    public static MLReader<ImageClassifierModel> read() {
        return new Reader();
    }

    /** Reads what {@link #write()} saved in {@code path}. */
    public static ImageClassifierModel load(String path) {
        return read().load(path);
    }

    private static final class Writer extends MLWriter {
        private final ImageClassifierModel model;

        Writer(ImageClassifierModel model) {
            this.model = model;
        }

        @Override
        public void saveImpl(String path) {
            Path file = new Path(path, ARCHIVE);
            try (FSDataOutputStream out =
                    file.getFileSystem(sc().hadoopConfiguration()).create(file, false)) {
                out.write(model.archive);
            } catch (IOException e) {
                throw new UncheckedIOException("[" + file + "] Cannot write the model: " + e.getMessage(), e);
            }
            // Last, for without them nobody reads the archive.
            DefaultParamsWriter.saveMetadata(model, path, sc(), Option.empty(), Option.empty());
        }
    }

    private static final class Reader extends MLReader<ImageClassifierModel> {
        @Override
        public ImageClassifierModel load(String path) {
            DefaultParamsReader.Metadata metadata =
                    DefaultParamsReader.loadMetadata(path, sc(), ImageClassifierModel.class.getName());
            Path file = new Path(path, ARCHIVE);
            ImageClassifierModel model = new ImageClassifierModel(
                    metadata.uid(), contents(file, sc().hadoopConfiguration()), file.toString());
            metadata.getAndSetParams(model, Option.empty());
            return model;
        }
    }

    private static byte[] contents(Path file, Configuration hadoop) {
        try (FSDataInputStream in = file.getFileSystem(hadoop).open(file)) {
            return in.readAllBytes();
        } catch (FileNotFoundException e) {
            throw UserError.badInput("[" + file + "] there is no such model", e);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + file + "] Cannot read the model: " + e.getMessage(), e);
        }
    }
}
