package org.convoy.runtime;

import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.JavaSparkStatusTracker;

/**
 * The named phases of a job. A phase is one block: its name stands in the Spark UI as the job description, its progress
 * is shown while it runs, its time is kept for the report. On a terminal progress is one line rewritten in place,
 * elsewhere a line every five seconds.
 */
public final class Phases {
    private static final Duration LINE_PERIOD = Duration.ofSeconds(5);
    private static final Duration BAR_PERIOD = Duration.ofMillis(250);
    private static final int BAR_CELLS = 24;

    private final JavaSparkContext spark;
    private final PrintStream out;
    private final boolean terminal;
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    @SuppressWarnings("SystemConsoleNull") // Convoy runs on Java 17 alone
    public Phases(JavaSparkContext spark, PrintStream out) {
        this.spark = spark;
        this.out = out;
        // System.console() is null as soon as input or output is redirected.
        this.terminal = System.console() != null;
    }

    /** Handle of the running phase, for a body that knows more about its progress than Spark's task counts. */
    public static final class Progress {
        private volatile String text = "";
        private volatile double share = Double.NaN;

        private Progress() {}

        /** Of a body inside a phase that tells of itself. */
        public static Progress unseen() {
            return new Progress();
        }

        /** Says what came out; the phase's last line shows it. */
        public void result(String text) {
            this.text = text;
        }

        /** Says how far the phase is; {@code done} of {@code total} in any one unit. */
        public void at(long done, long total, String text) {
            this.share = total == 0 ? 1 : (double) done / total;
            this.text = text;
        }
    }

    /**
     * Runs {@code body} as the phase {@code name} and returns its result. A phase that fails leaves no "done" line.
     *
     * @param name what is being done, in words: "Decoding pictures"
     */
    public <T> T run(String name, Function<Progress, T> body) {
        Progress progress = new Progress();
        spark.sc().setJobDescription(name);
        long start = System.nanoTime();
        Thread ticker = new Thread(() -> tick(name, progress, start), "progress");
        ticker.setDaemon(true);
        ticker.start();
        T result;
        try {
            result = body.apply(progress);
        } finally {
            ticker.interrupt();
            joinQuietly(ticker);
            spark.sc().setJobDescription(null);
        }
        double taken = secondsSince(start);
        seconds.merge(name, taken, Double::sum);
        out.printf(Locale.ROOT, "%s%-36s %8.1f s  %s%n", lineStart(), name, taken, progress.text);
        return result;
    }

    /** Says something between two phases. */
    public void note(String text) {
        out.println(text);
    }

    /** Seconds spent by phase, in the order they first ran. */
    public Map<String, Double> seconds() {
        return new LinkedHashMap<>(seconds);
    }

    private void tick(String name, Progress progress, long start) {
        try {
            while (true) {
                Thread.sleep((terminal ? BAR_PERIOD : LINE_PERIOD).toMillis());
                double share = Double.isNaN(progress.share) ? shareOfTasks() : progress.share;
                String line = String.format(
                        Locale.ROOT, "%s %3.0f %% %6.0f s  %s", name, 100 * share, secondsSince(start), progress.text);
                out.print(terminal ? lineStart() + bar(share) + " " + line : "  " + line + System.lineSeparator());
                out.flush();
            }
        } catch (InterruptedException e) {
            // The phase is over.
        }
    }

    private double shareOfTasks() {
        JavaSparkStatusTracker tracker = spark.statusTracker();
        long done = 0;
        long total = 0;
        for (int stage : tracker.getActiveStageIds()) {
            SparkStageInfo info = tracker.getStageInfo(stage);
            if (info != null) {
                done += info.numCompletedTasks();
                total += info.numTasks();
            }
        }
        return total == 0 ? 0 : (double) done / total;
    }

    private static String bar(double share) {
        int full = (int) Math.round(Math.max(0, Math.min(1, share)) * BAR_CELLS);
        return "[" + "=".repeat(full) + " ".repeat(BAR_CELLS - full) + "]";
    }

    /** On a terminal: back to the start of the line and clear it. */
    private String lineStart() {
        return terminal ? "\r\u001b[2K" : "";
    }

    private static double secondsSince(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    private static void joinQuietly(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
