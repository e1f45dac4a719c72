package org.convoy.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.convoy.demo.DigitPainter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What one who operates a cluster sees of jobs in processes of their own: figures at the Prometheus address while they run, log lines in
 * JSON that carry the run's id, in driver and executors, and an event log in which each Spark job says what it is for.
 */
@Tag("heavy")
class MonitoringIT {
    private static final Pattern FIGURE = Pattern.compile(
            "metrics_\\w+_driver_plugin_org_convoy_runtime_MetricsPlugin_(\\w+)_Value\\{type=\"gauges\"\\} (\\S+)");

    private static final Path CONF =
            Path.of(System.getProperty("log4j2.configurationFile")).getParent();

    @TempDir
    private static Path directory;

    /** What was said of a run, and by whom. */
    private record Seen(Map<String, Double> figures, List<String> driverLog, List<JsonNode> events) {
        String run() {
            return events.stream()
                    .filter(event -> event.path("Event").asText().equals("SparkListenerApplicationStart"))
                    .findFirst()
                    .orElseThrow()
                    .path("App ID")
                    .asText();
        }

        /** What each Spark job was for, in order. */
        List<String> descriptions() {
            return events.stream()
                    .filter(event -> event.path("Event").asText().equals("SparkListenerJobStart"))
                    .map(event -> event.path("Properties")
                            .path("spark.job.description")
                            .asText(null))
                    .toList();
        }
    }

    @BeforeAll
    static void paintPictures() throws IOException {
        DigitPainter.writeFolder(directory.resolve("pictures"), 60, 1);
        for (int i = 0; i < 3; i++) {
            Files.writeString(directory.resolve("pictures/7/broken-" + i + ".png"), "no picture");
        }
        // What is said once per task and round, to have lines of all kinds.
        Files.writeString(
                directory.resolve("more.properties"),
                """
                logger.executor.name = org.apache.spark.executor.Executor
                logger.executor.level = info
                logger.rounds.name = org.convoy.train.AveragingLoop
                logger.rounds.level = info
                """);
    }

    @Test
    void aRunningJobShowsItsFiguresLinesAndPhases() throws Exception {
        Seen prepared = watch(
                "local[2]",
                "pictures_rejected",
                3,
                "prepare",
                "prepare.input=" + directory.resolve("pictures"),
                "prepare.output=" + directory.resolve("dataset"),
                "prepare.image.colour=grey",
                "prepare.image.height=28",
                "prepare.image.width=28");
        assertThat(prepared.figures()).containsEntry("pictures_rejected", 3.0).containsEntry("loss", Double.NaN);
        assertThat(prepared.figures().get("pictures_read")).isBetween(3.0, 603.0);
        assertThat(prepared.descriptions())
                .doesNotContainNull()
                .contains("Counting pictures", "Decoding pictures", "Writing pictures", "Describing the dataset");

        Seen trained = watch(
                "local-cluster[2,1,1024]",
                "rounds",
                1,
                "train",
                "train.dataset=" + directory.resolve("dataset"),
                "train.epochs=2",
                "train.batch-size=8",
                "train.averaging-period-batches=4",
                "models.directory=" + directory.resolve("models"),
                "models.name=digits");
        double rounds = trained.figures().get("rounds");
        assertThat(trained.figures().get("examples"))
                .as(
                        "rounds of 2 workers with 4 batches of 8, and with 2 at the end of an epoch of 480 pictures, 8 rounds")
                .isEqualTo(64 * rounds - 32 * Math.floor(rounds / 8));
        assertThat(trained.figures().get("examples_per_second")).isPositive();
        assertThat(trained.figures().get("loss")).isBetween(0.01, 10.0);
        assertThat(trained.figures().get("sync_share")).isBetween(0.0, 1.0);
        assertThat(trained.descriptions())
                .doesNotContainNull()
                .contains("Loading shards", "Validating epoch 2 of 2")
                .anyMatch(description -> description.startsWith("Round 2 of 8 in epoch 1; before it, round 1"));
        assertThat(Files.readString(directory.resolve("models/digits/versions/1/report.json")))
                .contains("\"run\" : \"" + trained.run() + "\"");
        assertThat(messages(trained.driverLog(), trained.run())).anyMatch(message -> message.startsWith("round 1 of"));
        assertThat(messages(executorLog(trained.run()), trained.run()))
                .anyMatch(message -> message.startsWith("Running task 1.0 in stage"));
    }

    /** Runs a command to its end, and takes the figures once one of them has come to a value. */
    private static Seen watch(String master, String awaited, double value, String command, String... settings)
            throws Exception {
        int port = freePort();
        Path events = Files.createDirectories(directory.resolve("events-of-" + command));
        Path log = directory.resolve(command + ".log");
        String logging = "-Dlog4j2.configurationFile="
                + String.join(
                        ",",
                        CONF.resolve("log4j2.properties").toString(),
                        CONF.resolve("log4j2-json.properties").toString(),
                        directory.resolve("more.properties").toString());
        Process job = ConvoyProcess.start(
                directory,
                ProcessBuilder.Redirect.to(log.toFile()),
                List.of(
                        "-Dspark.master=" + master,
                        "-Dspark.executor.extraClassPath=" + System.getProperty("java.class.path"),
                        "-Dspark.executor.extraJavaOptions=" + logging,
                        "-Dspark.ui.enabled=true",
                        "-Dspark.ui.port=" + port,
                        "-Dspark.eventLog.enabled=true",
                        "-Dspark.eventLog.dir=" + events.toUri(),
                        logging),
                List.of(command),
                List.of(settings));
        Map<String, Double> figures = scrape(port, awaited, value, job);
        assertThat(job.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(job.exitValue()).as(Files.readString(log)).isZero();
        return new Seen(figures, Files.readAllLines(log), events(events));
    }

    /**
     * Figures that were the same twice running. Spark reads gauges one after another, so a round that ends in between is in those read
     * after its end and not in those before; of what two readings agree on, each figure held when the first was done.
     */
    private static Map<String, Double> scrape(int port, String awaited, double value, Process job)
            throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics/prometheus/"))
                .build();
        HttpClient client = HttpClient.newHttpClient();
        Map<String, Double> figures = Map.of();
        while (job.isAlive()) {
            Map<String, Double> before = figures;
            figures = new TreeMap<>();
            try {
                Matcher found = FIGURE.matcher(client.send(request, HttpResponse.BodyHandlers.ofString())
                        .body());
                while (found.find()) {
                    figures.put(found.group(1), Double.valueOf(found.group(2)));
                }
            } catch (IOException e) {
                // It does not listen yet, or no more.
            }
            if (figures.getOrDefault(awaited, 0.0) >= value && figures.equals(before)) {
                return figures;
            }
            Thread.sleep(20);
        }
        throw new AssertionError("the job ended and never showed " + awaited + " = " + value + " but " + figures);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static List<JsonNode> events(Path directory) throws IOException {
        JsonMapper json = new JsonMapper();
        List<JsonNode> events = new ArrayList<>();
        try (Stream<Path> logs = Files.list(directory)) {
            for (Path log : logs.filter(file -> !file.getFileName().toString().startsWith("."))
                    .toList()) {
                for (String line : Files.readAllLines(log)) {
                    events.add(json.readTree(line));
                }
            }
        }
        return events;
    }

    /** Lines of all executors. */
    private static List<String> executorLog(String run) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of(System.getenv("SPARK_HOME"), "work", run))) {
            for (Path file : files.filter(path -> path.endsWith("stderr")).toList()) {
                lines.addAll(Files.readAllLines(file, StandardCharsets.UTF_8));
            }
        }
        return lines;
    }

    /** Messages of the lines in JSON that carry the run's id. */
    private static List<String> messages(List<String> log, String run) throws IOException {
        JsonMapper json = new JsonMapper();
        List<String> messages = new ArrayList<>();
        for (String line : log) {
            if (line.startsWith("{")) {
                JsonNode event = json.readTree(line);
                if (event.path("contextMap").path("mdc.run").asText().equals(run)) {
                    messages.add(event.path("message").asText());
                }
            }
        }
        return messages;
    }
}
