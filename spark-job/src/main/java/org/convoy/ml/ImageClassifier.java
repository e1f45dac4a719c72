package org.convoy.ml;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.convoy.cli.NativesPlugin;
import org.convoy.cli.TaskNatives;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.repository.ModelRepository;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.runtime.UserError;
import org.convoy.train.Train;
import org.convoy.train.TrainConfig;
import org.convoy.train.TrainReport;
import org.convoy.train.Training;

/**
 * Trains an {@link ImageClassifierModel} from rows of encoded pictures and labels, as {@code prepare} and {@code train} do:
 *
 * <pre>
 * ImageClassifierModel model = new ImageClassifier()
 *         .setWorkingDirectory("hdfs:///tmp/classifier")
 *         .setArchitecture("seed-cnn").setImageHeight(28).setImageWidth(28)
 *         .setEpochs(5)
 *         .setSettings(List.of("prepare.image.colour=grey", "train.workers=4"))
 *         .fit(pictures);
 * </pre>
 *
 * Pictures are decoded once into a dataset in the working directory, and equal ones count once; a tenth of them
 * ({@code prepare.split.validation-share}) validates each epoch, and the best epoch is kept. No picture is set aside for a test, which
 * is for whoever splits the input. Everything in the working directory goes when {@link #fit} returns or throws.
 *
 * <p>On a cluster the session needs {@code spark.plugins=org.convoy.cli.NativesPlugin}.
 */
public final class ImageClassifier extends Estimator<ImageClassifierModel>
        implements ImageClassifierParams<ImageClassifier>, DefaultParamsWritable {
    private static final long serialVersionUID = 1L;

    private static final String ARCHITECTURE = "model.architecture";
    private static final String IMAGE_HEIGHT = "prepare.image.height";
    private static final String IMAGE_WIDTH = "prepare.image.width";
    private static final String EPOCHS = "train.epochs";
    private static final String BATCH_SIZE = "train.batch-size";
    private static final String LEARNING_RATE = "train.optimiser.learning-rate";
    private static final String SEED = "train.seed";

    private static final String NONE = "";
    private static final String MODEL_NAME = "classifier";

    private static final List<DataType> FRACTIONS = List.of(DataTypes.FloatType, DataTypes.DoubleType);
    private static final List<DataType> LABEL_TYPES = Stream.concat(
                    Stream.of(
                            DataTypes.StringType,
                            DataTypes.ByteType,
                            DataTypes.ShortType,
                            DataTypes.IntegerType,
                            DataTypes.LongType),
                    FRACTIONS.stream())
            .toList();

    private final String uid;

    public ImageClassifier() {
        this(Identifiable$.MODULE$.randomUID("imageClassifier"));
    }

    /** Of that name among the stages of pipelines. */
    public ImageClassifier(String uid) {
        this.uid = uid;
        setColumnDefaults();
        setDefault(labelCol(), "label");
        setDefault(idCol(), NONE);
        setDefault(settings(), new String[0]);
        Config defaults = Settings.reference();
        setDefault(architecture(), defaults.getString(ARCHITECTURE));
        setDefault(imageHeight(), defaults.getInt(IMAGE_HEIGHT));
        setDefault(imageWidth(), defaults.getInt(IMAGE_WIDTH));
        setDefault(epochs(), defaults.getInt(EPOCHS));
        setDefault(batchSize(), defaults.getInt(BATCH_SIZE));
        setDefault(learningRate(), defaults.getDouble(LEARNING_RATE));
        setDefault(seed(), defaults.getLong(SEED));
    }

    @Override
    public String uid() {
        return uid;
    }

    /** Column of labels: names, or whole numbers as integers or doubles. Default: {@code label}. */
    public Param<String> labelCol() {
        return new Param<>(this, "labelCol", "column of labels: names, or whole numbers as integers or doubles");
    }

    /** Column of what messages call a picture, string; empty for a number. Default: empty. */
    public Param<String> idCol() {
        return new Param<>(this, "idCol", "column of what messages call a picture, string; empty for a number");
    }

    /** Directory that every executor reaches, for the dataset that pictures are prepared into; must be set. */
    public Param<String> workingDirectory() {
        return new Param<>(this, "workingDirectory", "directory that every executor reaches; fit works below it");
    }

    /** {@code model.architecture}. */
    public Param<String> architecture() {
        return new Param<>(this, "architecture", "model.architecture: the network's name");
    }

    /** {@code prepare.image.height}. */
    public IntParam imageHeight() {
        return new IntParam(this, "imageHeight", "prepare.image.height: pixels that the network reads");
    }

    /** {@code prepare.image.width}. */
    public IntParam imageWidth() {
        return new IntParam(this, "imageWidth", "prepare.image.width: pixels that the network reads");
    }

    /** {@code train.epochs}. */
    public IntParam epochs() {
        return new IntParam(this, "epochs", "train.epochs: passes over the training pictures");
    }

    /** {@code train.batch-size}. */
    public IntParam batchSize() {
        return new IntParam(this, "batchSize", "train.batch-size: examples per local step of one worker");
    }

    /** {@code train.optimiser.learning-rate}. */
    public DoubleParam learningRate() {
        return new DoubleParam(this, "learningRate", "train.optimiser.learning-rate: step size");
    }

    /** {@code train.seed}. */
    public LongParam seed() {
        return new LongParam(this, "seed", "train.seed: of initial parameters and the order of examples");
    }

    /** Any other key of the sections prepare, model, architecture, train and transfer: {@code key=value}, as with {@code --set}. */
    public StringArrayParam settings() {
        return new StringArrayParam(
                this, "settings", "other keys of prepare, model, architecture, train and transfer: key=value");
    }

    public String getLabelCol() {
        return getOrDefault(labelCol());
    }

    public String getIdCol() {
        return getOrDefault(idCol());
    }

    public String getWorkingDirectory() {
        return getOrDefault(workingDirectory());
    }

    public String getArchitecture() {
        return getOrDefault(architecture());
    }

    public int getImageHeight() {
        return (int) getOrDefault(imageHeight());
    }

    public int getImageWidth() {
        return (int) getOrDefault(imageWidth());
    }

    public int getEpochs() {
        return (int) getOrDefault(epochs());
    }

    public int getBatchSize() {
        return (int) getOrDefault(batchSize());
    }

    public double getLearningRate() {
        return (double) getOrDefault(learningRate());
    }

    public long getSeed() {
        return (long) getOrDefault(seed());
    }

    public List<String> getSettings() {
        return List.of(getOrDefault(settings()));
    }

    public ImageClassifier setLabelCol(String column) {
        return with(labelCol(), column);
    }

    public ImageClassifier setIdCol(String column) {
        return with(idCol(), column);
    }

    public ImageClassifier setWorkingDirectory(String directory) {
        return with(workingDirectory(), directory);
    }

    public ImageClassifier setArchitecture(String name) {
        return with(architecture(), name);
    }

    public ImageClassifier setImageHeight(int pixels) {
        return with(imageHeight(), pixels);
    }

    public ImageClassifier setImageWidth(int pixels) {
        return with(imageWidth(), pixels);
    }

    public ImageClassifier setEpochs(int passes) {
        return with(epochs(), passes);
    }

    public ImageClassifier setBatchSize(int examples) {
        return with(batchSize(), examples);
    }

    public ImageClassifier setLearningRate(double step) {
        return with(learningRate(), step);
    }

    public ImageClassifier setSeed(long value) {
        return with(seed(), value);
    }

    public ImageClassifier setSettings(List<String> keyValues) {
        return with(settings(), keyValues.toArray(String[]::new));
    }

    /**
     * Prepares the pictures and trains.
     *
     * @param dataset with a column of pictures and one of labels
     * @throws IllegalArgumentException if a column or the working directory is missing, or of the wrong kind
     * @throws UserError if the settings are wrong, or the pictures not fit to train on
     */
    @Override
    public ImageClassifierModel fit(Dataset<?> dataset) {
        transformSchema(dataset.schema());
        SparkSession spark = dataset.sparkSession();
        if (!spark.sparkContext().isLocal()) {
            requireNativesOnExecutors(spark.sparkContext().conf().get("spark.plugins", ""));
        }
        TaskNatives.apply();
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        Path directory = new Path(getWorkingDirectory(), uid + "-" + UUID.randomUUID());
        Config config = configuration(directory);
        Phases phases = new Phases(JavaSparkContext.fromSparkContext(spark.sparkContext()), System.out);
        try {
            phases.run("Writing pictures", progress -> {
                write(dataset, config.getString("prepare.input"));
                return null;
            });
            Prepare.run(spark, PrepareConfig.from(config), Existing.REFUSE, phases);
            TrainReport trained = Training.run(spark, trainConfig(config), phases);
            byte[] archive = ModelRepository.at(hadoop, config.getString("models.directory"))
                    .file(MODEL_NAME, trained.version(), ModelRepository.ARCHIVE);
            ImageClassifierModel model = new ImageClassifierModel(uid, archive, "the trained model");
            return copyValues(model.setParent(this), new ParamMap());
        } finally {
            delete(directory, hadoop);
        }
    }

    @Override
    public StructType transformSchema(StructType schema) {
        requireType(schema, labelCol(), LABEL_TYPES);
        if (!getIdCol().isEmpty()) {
            requireType(schema, idCol(), List.of(DataTypes.StringType));
        }
        if (!isSet(workingDirectory())) {
            throw new IllegalArgumentException(
                    "workingDirectory must be set: a directory that every executor reaches, such as hdfs:///tmp/classifier");
        }
        return withAnswers(schema);
    }

    @Override
    public ImageClassifier copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    /** Reads what {@link #write()} saved. */
    public static MLReader<ImageClassifier> read() {
        return new DefaultParamsReader<>();
    }

    /** Reads what {@link #write()} saved in {@code path}. */
    public static ImageClassifier load(String path) {
        return read().load(path);
    }

    /**
     * A task that decodes pictures loads OpenCV, after which native settings can no longer be made.
     *
     * @param plugins the session's spark.plugins
     */
    static void requireNativesOnExecutors(String plugins) {
        String plugin = NativesPlugin.class.getName();
        if (!List.of(plugins.split("\\s*,\\s*")).contains(plugin)) {
            throw new IllegalArgumentException("spark.plugins must hold " + plugin + " but was '" + plugins
                    + "'; set it where the session is opened");
        }
    }

    private <T> ImageClassifier with(Param<T> param, T value) {
        set(param, value);
        return this;
    }

    private Config configuration(Path directory) {
        Map<String, Object> own = new LinkedHashMap<>();
        own.put(ARCHITECTURE, getArchitecture());
        own.put(IMAGE_HEIGHT, getImageHeight());
        own.put(IMAGE_WIDTH, getImageWidth());
        own.put(EPOCHS, getEpochs());
        own.put(BATCH_SIZE, getBatchSize());
        own.put(LEARNING_RATE, getLearningRate());
        own.put(SEED, getSeed());
        own.put("prepare.input", new Path(directory, "pictures"));
        own.put("prepare.output", new Path(directory, "dataset"));
        own.put("prepare.source", "parquet");
        own.put("train.dataset", new Path(directory, "dataset"));
        own.put("models.directory", new Path(directory, "models"));
        own.put("models.name", MODEL_NAME);

        List<String> all = new ArrayList<>(List.of("prepare.split.test-share=0"));
        for (String setting : getSettings()) {
            String key = setting.split("=", 2)[0].strip();
            if (own.containsKey(key)) {
                throw UserError.usage("settings must not hold " + key + ", which the estimator sets"
                        + " (setEpochs and the like) but was '" + setting + "'");
            }
            all.add(setting);
        }
        own.forEach((key, value) -> all.add(key + "=" + value));
        return Settings.load(Optional.empty(), all);
    }

    private static TrainConfig trainConfig(Config config) {
        try {
            return TrainConfig.from(config, Settings.lines(config, new Train().sections()));
        } catch (ConfigException | IllegalArgumentException e) {
            throw UserError.usage(e.getMessage());
        }
    }

    private void write(Dataset<?> dataset, String directory) {
        Column label = functions.col(getLabelCol());
        DataType type = dataset.schema().apply(getLabelCol()).dataType();
        List<Column> columns = new ArrayList<>();
        columns.add(functions.col(getInputCol()).as("bytes"));
        columns.add((FRACTIONS.contains(type) ? whole(label) : label).as("label"));
        if (!getIdCol().isEmpty()) {
            columns.add(functions.col(getIdCol()).as("id"));
        }
        dataset.select(columns.toArray(Column[]::new)).write().parquet(directory);
    }

    /** Spark ML's own indexers make labels such as 3.0. */
    private Column whole(Column label) {
        Column number = label.cast(DataTypes.LongType);
        Column message = functions.concat(
                functions.lit("column '" + getLabelCol() + "' (labelCol) must hold whole numbers but has "), label);
        return functions
                .when(number.equalTo(label).or(label.isNull()), number)
                .otherwise(functions.raise_error(message));
    }

    private static void delete(Path directory, Configuration hadoop) {
        try {
            directory.getFileSystem(hadoop).delete(directory, true);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + directory + "] Cannot delete: " + e.getMessage(), e);
        }
    }
}
