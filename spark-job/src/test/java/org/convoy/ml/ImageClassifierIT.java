package org.convoy.ml;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.convoy.cli.NativesPlugin;
import org.convoy.demo.DigitPainter;
import org.convoy.runtime.UserError;
import org.convoy.train.Training;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import py4j.Gateway;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The library as users of Spark ML use it, with tasks in executor processes of their own. */
class ImageClassifierIT {
    private static final int PICTURES_PER_DIGIT = 40;
    private static final StructType ROWS =
            new StructType().add("name", DataTypes.StringType, false).add("picture", DataTypes.BinaryType, true);

    @TempDir
    private static Path local;

    private static SparkSession spark;
    private static Dataset<Row> pictures;
    private static ImageClassifierModel model;

    @BeforeAll
    static void trainOnExecutors() throws IOException {
        DigitPainter.writeFolder(local.resolve("pictures"), PICTURES_PER_DIGIT, 1);
        SparkSession.Builder builder = SparkSession.builder();
        Training.SPARK_DEFAULTS.forEach(builder::config);
        spark = builder.appName("ImageClassifierIT")
                .master("local-cluster[2,1,1024]")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.ui.enabled", "false")
                .config("spark.plugins", NativesPlugin.class.getName())
                .getOrCreate();
        pictures = spark.read()
                .format("binaryFile")
                .load(local.resolve("pictures") + "/*")
                .withColumn(
                        "label",
                        regexp_extract(col("path"), "([0-9])/[^/]*$", 1).cast(DataTypes.DoubleType));
        model = classifier().fit(pictures);
    }

    @AfterAll
    static void stopSpark() {
        if (spark != null) {
            spark.close();
        }
    }

    private static ImageClassifier classifier() {
        return new ImageClassifier()
                .setInputCol("content")
                .setIdCol("path")
                .setWorkingDirectory(local.resolve("work").toString())
                .setImageHeight(28)
                .setImageWidth(28)
                .setEpochs(4)
                .setBatchSize(16)
                .setSettings(List.of("prepare.image.colour=grey", "train.averaging-period-batches=4"));
    }

    @Test
    void aFittedModelIsJudgedBySparksOwnEvaluator() {
        Dataset<Row> answers = model.transform(pictures);

        double accuracy = new MulticlassClassificationEvaluator()
                .setMetricName("accuracy")
                .evaluate(answers);
        assertThat(model.classes()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        assertThat(model.getInputCol())
                .as("goes from the estimator to the model")
                .isEqualTo("content");
        assertThat(accuracy).as("chance is 0.1").isGreaterThan(0.5);
        assertThat(local.resolve("work")).as("nothing stays there").isEmptyDirectory();
    }

    @Test
    void everyRowKeepsItsColumnsAndGetsItsOwnAnswer() {
        // More than a batch, in one partition, damaged ones among them.
        List<Row> rows = new ArrayList<>();
        DigitPainter painter = new DigitPainter(7);
        for (int i = 0; i < 700; i++) {
            byte[] damaged = i % 21 == 0 ? null : new byte[] {1, 2, 3};
            rows.add(RowFactory.create("row " + i, i % 7 == 0 ? damaged : painter.png(i % 10, i)));
        }
        Dataset<Row> input = spark.createDataset(rows, Encoders.row(ROWS)).coalesce(1);
        ImageClassifierModel scoring = model.copy(new ParamMap()).setInputCol("picture");

        List<Row> answers = scoring.transform(input).collectAsList();
        List<Row> oneByOne = scoring.transform(input.repartition(70)).collectAsList();

        assertThat(answers.get(0).schema().fieldNames())
                .containsExactly("name", "picture", "prediction", "class", "probability", "error");
        assertThat(answers).extracting(row -> row.getString(0)).containsExactlyElementsOf(names(rows));
        for (int i = 0; i < answers.size(); i++) {
            Row row = answers.get(i);
            if (i % 7 == 0) {
                assertThat(row.isNullAt(2) && row.isNullAt(3) && row.isNullAt(4))
                        .isTrue();
                assertThat(row.getString(5)).isEqualTo(i % 21 == 0 ? "empty-file" : "unknown-format");
            } else {
                assertThat(row.isNullAt(5)).isTrue();
                double[] probabilities = ((Vector) row.get(4)).toArray();
                assertThat(Stream.of(row.getDouble(2)).map(c -> probabilities[c.intValue()]))
                        .as("the most probable class")
                        .containsExactly(Arrays.stream(probabilities).max().getAsDouble());
                assertThat(row.getString(3)).isEqualTo(model.classes().get((int) row.getDouble(2)));
            }
        }
        assertThat(oneByOne)
                .as("with whatever neighbours")
                .extracting(row -> row.getString(0) + " " + row.getAs("class"))
                .containsExactlyInAnyOrderElementsOf(answers.stream()
                        .map(row -> row.getString(0) + " " + row.getAs("class"))
                        .toList());
    }

    private static List<String> names(List<Row> rows) {
        return rows.stream().map(row -> row.getString(0)).toList();
    }

    @Test
    void aPipelineIsSavedAndLoadedWithTheModelInIt() throws IOException {
        PipelineModel pipeline = new Pipeline()
                .setStages(new PipelineStage[] {
                    new SQLTransformer().setStatement("SELECT path, content FROM __THIS__ WHERE length > 0"), model
                })
                .fit(pictures);
        String path = local.resolve("pipeline").toString();
        pipeline.write().overwrite().save(path);

        PipelineModel loaded = PipelineModel.load(path);

        assertThat(answers(loaded.transform(pictures))).isEqualTo(answers(pipeline.transform(pictures)));
        try (Stream<Path> files = Files.walk(local.resolve("pipeline"))) {
            assertThat(files.filter(file -> file.getFileName().toString().equals("model.zip")))
                    .hasSize(1)
                    .allSatisfy(file -> assertThat(file.toFile()).hasName("model.zip"));
        }
    }

    @Test
    void aPipelineIsSavedAndLoadedWithTheEstimatorInIt() throws IOException {
        Pipeline pipeline =
                new Pipeline().setStages(new PipelineStage[] {classifier().setSeed(9)});
        String path = local.resolve("unfitted").toString();
        pipeline.write().overwrite().save(path);

        ImageClassifier loaded = (ImageClassifier) Pipeline.load(path).getStages()[0];

        ImageClassifier saved = (ImageClassifier) pipeline.getStages()[0];
        assertThat(loaded.uid()).isEqualTo(saved.uid());
        assertThat(loaded.getSettings()).isEqualTo(saved.getSettings());
        assertThat(loaded.getSeed()).isEqualTo(9);
        for (Param<?> param : saved.clear(saved.settings()).params()) {
            assertThat(loaded.clear(loaded.settings()).get(param)).isEqualTo(saved.get(param));
        }
        assertThat(loaded.explainParam(loaded.epochs()))
                .isEqualTo("epochs: train.epochs: passes over the training pictures (default: 10, current: 4)");
    }

    @Test
    void aModelThatWasNotSavedWholeIsNotLoaded() throws IOException {
        Path saved = local.resolve("half");
        model.save(saved.toString());
        assertThatThrownBy(() -> model.save(saved.toString())).hasMessageContaining("already exists");
        Files.delete(saved.resolve("model.zip"));
        assertThatThrownBy(() -> ImageClassifierModel.load(saved.toString()))
                .isInstanceOf(UserError.class)
                .hasMessageEndingWith("half/model.zip] there is no such model");
    }

    @Test
    void columnsThatAreMissingOrTakenAreNamed() {
        assertThatThrownBy(() -> model.transform(pictures.drop("content")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("inputCol must name a column but was 'content'; the columns are"
                        + " [path, modificationTime, length, label]");
        assertThatThrownBy(() -> model.transform(pictures.withColumn("content", lit("text"))))
                .hasMessage("column 'content' (inputCol) must be one of [binary] but is string");
        assertThatThrownBy(() -> model.transform(pictures.withColumn("error", lit("text"))))
                .hasMessage("errorCol must be a name that is not taken, or empty, but was 'error'");
        assertThat(model.copy(new ParamMap())
                        .setErrorCol("")
                        .setProbabilityCol("")
                        .transform(pictures.withColumn("error", lit("text")))
                        .columns())
                .endsWith("label", "error", "prediction", "class");
    }

    @Test
    void whatCannotBeTrainedOnIsRefusedBeforeAnyWork() {
        assertThatThrownBy(() -> new ImageClassifier().setInputCol("content").fit(pictures))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("workingDirectory must be set");
        assertThatThrownBy(() -> classifier().setLabelCol("path2").fit(pictures))
                .hasMessageStartingWith("labelCol must name a column but was 'path2'");
        assertThatThrownBy(() ->
                        classifier().setSettings(List.of("train.epochs=3")).fit(pictures))
                .isInstanceOf(UserError.class)
                .hasMessage("settings must not hold train.epochs, which the estimator sets (setEpochs and the like)"
                        + " but was 'train.epochs=3'");
        assertThatThrownBy(
                        () -> classifier().setSettings(List.of("train.epoch=3")).fit(pictures))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("did you mean 'train.epochs'?");
        assertThatThrownBy(() -> classifier()
                        .fit(pictures.withColumn("label", col("label").plus(lit(0.5)))))
                .hasStackTraceContaining("column 'label' (labelCol) must hold whole numbers but has ");
        assertThat(local.resolve("work")).as("nothing stays there").isEmptyDirectory();
    }

    /** The calls that PySpark's JavaModel and JavaEstimator make, through the Java side of the bridge that it makes them over. */
    @Test
    void pythonsBridgeReachesAllThatPySparksWrappersCall() {
        Gateway python = new Gateway(null);
        python.startup();
        String saved = local.resolve("for-python").toString();
        String dataset = python.putNewObject(pictures);

        String fitted = python.putNewObject(model);
        String writer = call(python, fitted, "write");
        call(python, call(python, writer, "overwrite"), "save", saved);
        String loaded = call(python, "z:org.convoy.ml.ImageClassifierModel", "load", saved);
        String renamed = call(python, loaded, "setClassCol", "digit");
        String pair = call(python, call(python, renamed, "getParam", "errorCol"), "w", "why");
        call(python, renamed, "set", python.getObject(pair));
        String answers = call(python, renamed, "transform", python.getObject(dataset));
        String estimator =
                python.invoke("org.convoy.ml.ImageClassifier", List.of()).getName();
        call(python, estimator, "setEpochs", 3);
        call(python, estimator, "setLearningRate", 0.5);
        call(python, estimator, "setSettings", new ArrayList<>(List.of("train.workers=2")));

        assertThat(((Dataset<?>) python.getObject(answers)).columns())
                .endsWith("label", "prediction", "digit", "probability", "why");
        assertThat(((ImageClassifier) python.getObject(estimator)).getEpochs()).isEqualTo(3);
        assertThat(((ImageClassifier) python.getObject(estimator)).getLearningRate())
                .isEqualTo(0.5);
        assertThat(((ImageClassifier) python.getObject(estimator)).getSettings())
                .containsExactly("train.workers=2");
        assertThat(((ImageClassifierModel) python.getObject(renamed)).params())
                .extracting(param -> param.name())
                .containsExactly("batchSize", "classCol", "errorCol", "inputCol", "predictionCol", "probabilityCol");
        python.shutdown();
    }

    private static String call(Gateway python, String target, String method, Object... arguments) {
        return python.invoke(method, target, List.of(arguments)).getName();
    }

    private static List<String> answers(Dataset<Row> answers) {
        return answers.orderBy("path").selectExpr("path", "class", "probability").collectAsList().stream()
                .map(Row::toString)
                .toList();
    }
}
