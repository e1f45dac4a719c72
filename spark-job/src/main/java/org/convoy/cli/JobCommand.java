package org.convoy.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.sql.SparkSession;
import org.convoy.model.BadModelException;
import org.convoy.model.engine.NativeSettings;
import org.convoy.runtime.ConvoyVersion;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.FullDisk;
import org.convoy.runtime.MetricsPlugin;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Secrets;
import org.convoy.runtime.Settings;
import org.convoy.runtime.UserError;
import org.slf4j.MDC;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Option;

/** A command that reads the configuration and runs a job on Spark. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = JobCommand.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:bad usage or configuration",
            "3:bad or missing input data",
            "4:a quality gate kept the candidate back",
            "5:another run holds the lock"
        })
public abstract class JobCommand implements Callable<Integer> {
    /** Wide enough for the comment lines of {@code reference.conf}. */
    private static final int HELP_WIDTH = 132;

    /**
     * The run's id, Spark's application id, in the context of log lines: of the driver's main thread, and of every task, because Spark
     * hands on the local properties of this prefix.
     */
    private static final String RUN = "mdc.run";

    /** What shows the job's figures at /metrics/prometheus of the Spark UI. */
    private static final Map<String, String> METRICS = Map.of(
            "spark.metrics.conf.driver.sink.prometheusServlet.class",
            "org.apache.spark.metrics.sink.PrometheusServlet",
            "spark.metrics.conf.driver.sink.prometheusServlet.path",
            "/metrics/prometheus");

    /**
     * A stage that prepares or scores for a night sees executors die that held what it reads, and begins again each time for what is
     * missing; Spark's own default gives it up at the fourth.
     */
    public static final Map<String, String> ENDURANCE = Map.of("spark.stage.maxConsecutiveAttempts", "20");

    private static final String EXECUTOR_WAIT = "cluster.executor-wait-seconds";

    @Option(names = "--conf", paramLabel = "FILE", description = "configuration in HOCON; it wins over the defaults")
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "one configuration key; it wins over the file; may be repeated")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--verbose", description = "print the stack trace of an error")
    private boolean verbose;

    /** The version line of {@code --version}. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Convoy " + ConvoyVersion.current()};
        }
    }

    /** Top-level sections of the configuration that the command reads; its help lists their keys. */
    public abstract List<String> sections();

    /**
     * Does the command's work.
     *
     * @param settings the effective configuration
     */
    protected abstract ExitCode run(Config settings, PrintStream out);

    /** For commands that bring a configuration of their own: what {@code --set} alone wins over. */
    protected List<String> presets() {
        return List.of();
    }

    /** Spark's master where neither spark-submit nor a property names one: embedded Spark on every core. */
    protected String embeddedMaster() {
        return "local[*]";
    }

    /** Spark settings that suit the job, where the user has set none. */
    protected Map<String, String> sparkDefaults() {
        return Map.of();
    }

    /** Whether the job computes with a network, and so needs the native settings here and in executors. */
    protected boolean usesNetwork() {
        return true;
    }

    @Override
    public final Integer call() {
        List<String> sets = new ArrayList<>(presets());
        sets.addAll(overrides);
        BuiltFor.requireThisSpark();
        return run(Settings.load(Optional.ofNullable(file), sets), System.out).code();
    }

    /**
     * Reads a configuration record; what it refuses is the user's mistake.
     *
     * @param factory such as {@code TrainConfig::from}
     */
    protected static <T> T read(Config settings, Function<Config, T> factory) {
        try {
            return factory.apply(settings);
        } catch (ConfigException | IllegalArgumentException e) {
            throw UserError.usage(e.getMessage());
        }
    }

    /** A job's body: it gets the session and the phases, and returns the job's report. */
    @FunctionalInterface
    protected interface Job<T> {
        T run(SparkSession spark, Phases phases);
    }

    /**
     * Opens the Spark session, prints the header with the effective configuration, and runs the job.
     *
     * @param name of the job, for the header and the Spark UI
     */
    protected final <T> T onSpark(String name, Config settings, PrintStream out, Job<T> job) {
        SparkConf conf = new SparkConf()
                .setAppName("convoy " + name)
                .setIfMissing("spark.master", embeddedMaster())
                .setIfMissing("spark.ui.showConsoleProgress", "false");
        sparkDefaults().forEach(conf::setIfMissing);
        METRICS.forEach(conf::setIfMissing);
        ENDURANCE.forEach(conf::setIfMissing);
        TaskGpu.configure(conf, settings.getString("gpu.when-unusable"));
        ContainerMemory.askForExecutors(conf);
        NativeSettings.executorEnvironment(conf.getInt("spark.task.cpus", 1))
                .forEach((variable, value) -> conf.set("spark.executorEnv." + variable, value));
        addPlugin(conf, MetricsPlugin.class);
        if (usesNetwork()) {
            addPlugin(conf, NativesPlugin.class);
        }
        Duration patience = read(settings, JobCommand::executorWait);
        Masters.requireReachable(conf);
        try (SparkSession spark = StartWatch.during(
                conf, patience, () -> SparkSession.builder().config(conf).getOrCreate())) {
            JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
            String run = context.sc().applicationId();
            MDC.put(RUN, run);
            context.setLocalProperty(RUN, run);
            out.printf(
                    "Convoy %s: %s, Spark %s on %s, run %s%n",
                    ConvoyVersion.current(), name, spark.version(), context.master(), run);
            if (usesNetwork()) {
                out.println("  " + TaskNatives.apply().describe());
            }
            Settings.lines(settings, sections()).forEach(line -> out.println("  " + line));
            Phases phases = new Phases(context, out);
            TaskSlots.awaitFirst(context, patience, phases);
            return job.run(spark, phases);
        }
    }

    private static void addPlugin(SparkConf conf, Class<? extends SparkPlugin> plugin) {
        String given = conf.get("spark.plugins", "");
        conf.set("spark.plugins", (given.isEmpty() ? "" : given + ",") + plugin.getName());
    }

    private static Duration executorWait(Config settings) {
        long seconds = settings.getLong(EXECUTOR_WAIT);
        if (seconds < 1) {
            throw new IllegalArgumentException(EXECUTOR_WAIT + " must be at least 1 but was " + seconds);
        }
        return Duration.ofSeconds(seconds);
    }

    /**
     * Runs a command from {@code main}: parses, executes, prints errors, ends the process with the exit code. In YARN's cluster mode
     * the process is YARN's to end: there a code other than 0 is an exception.
     */
    public static void execute(CommandLine commands, String... args) {
        OneLinePerError errors = new OneLinePerError();
        int code = prepared(commands).setExecutionExceptionHandler(errors).execute(args);
        boolean inApplicationMaster = "yarn".equals(System.getProperty("spark.master"))
                && "cluster".equals(System.getProperty("spark.submit.deployMode"));
        if (!inApplicationMaster) {
            System.exit(code);
        }
        if (code != ExitCode.DONE.code()) {
            throw new FailedJob(errors.last, code);
        }
    }

    /** The command line with its error handling and the help of its keys. */
    public static CommandLine prepared(CommandLine commands) {
        commands.setUsageHelpWidth(HELP_WIDTH);
        commands.setExecutionExceptionHandler(new OneLinePerError());
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        describeKeys(commands);
        commands.getSubcommands().values().forEach(JobCommand::describeKeys);
        return commands;
    }

    private static void describeKeys(CommandLine command) {
        if (command.getCommand() instanceof JobCommand job && !job.sections().isEmpty()) {
            List<String> lines = new ArrayList<>(List.of("", "Configuration keys and their defaults:"));
            job.sections().forEach(section -> lines.addAll(Settings.documented(section)));
            // The usage message is a format string.
            command.getCommandSpec()
                    .usageMessage()
                    .footer(lines.stream().map(line -> line.replace("%", "%%")).toArray(String[]::new));
        }
    }

    /** Prints an error in one line, with its stack trace only where the user asked for it. */
    private static final class OneLinePerError implements IExecutionExceptionHandler {
        private String last = "convoy: the driver's log says why";

        @Override
        public int handleExecutionException(Exception exception, CommandLine command, CommandLine.ParseResult parsed) {
            boolean verbose = command.getCommand() instanceof JobCommand job && job.verbose;
            if (verbose) {
                StringWriter trace = new StringWriter();
                exception.printStackTrace(new PrintWriter(trace, true));
                command.getErr().print(Secrets.hidden(trace.toString()));
            }
            last = "convoy: " + Secrets.hidden(message(exception));
            command.getErr().println(last + (verbose || known(exception) ? "" : " (--verbose shows where)"));
            return exitCode(exception).code();
        }
    }

    private static boolean known(Throwable exception) {
        return find(exception, UserError.class).isPresent()
                || find(exception, BadModelException.class).isPresent()
                || ClusterFault.inWords(exception).isPresent();
    }

    private static String message(Throwable exception) {
        Optional<UserError> userError = find(exception, UserError.class);
        Optional<BadModelException> badModel = find(exception, BadModelException.class);
        if (userError.isPresent()) {
            return userError.get().getMessage();
        }
        if (badModel.isPresent()) {
            return badModel.get().getMessage();
        }
        Optional<String> clusterFault = ClusterFault.inWords(exception);
        if (clusterFault.isPresent()) {
            return clusterFault.get();
        }
        Throwable root = exception;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return "failed: "
                + String.valueOf(root.getMessage()).lines().findFirst().orElse(root.toString()) + " ["
                + root.getClass().getSimpleName() + "]";
    }

    private static ExitCode exitCode(Throwable exception) {
        Optional<UserError> userError = find(exception, UserError.class);
        if (userError.isPresent()) {
            return userError.get().exitCode();
        }
        boolean badInput = find(exception, BadModelException.class).isPresent()
                || FullDisk.under(exception, "").isPresent();
        return badInput ? ExitCode.BAD_INPUT : ExitCode.FAILED;
    }

    /** Spark wraps what a task threw; the user's error is somewhere among the causes. */
    private static <T extends Throwable> Optional<T> find(Throwable exception, Class<T> type) {
        for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }
}
