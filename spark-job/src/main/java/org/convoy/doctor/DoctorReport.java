package org.convoy.doctor;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What the doctor found.
 *
 * @param findings in the order of the checks
 * @param processes the driver and every executor; empty if they could not be asked
 * @param forecast of the training; null if none could be made
 * @param secondsByPhase wall-clock
 */
public record DoctorReport(
        List<Finding> findings, List<ProcessFacts> processes, Forecast forecast, Map<String, Double> secondsByPhase) {
    private static final Pattern BLANK = Pattern.compile(" ");
    private static final int CHECK_WIDTH = 17;
    private static final int TEXT_WIDTH = 110;
    private static final String INDENT = " ".repeat(8 + CHECK_WIDTH);

    /** Whether something will not work. */
    public boolean foundErrors() {
        return count(Severity.ERROR) > 0;
    }

    private long count(Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }

    /** For the terminal. */
    public String table() {
        StringBuilder table = new StringBuilder();
        for (Finding finding : findings) {
            table.append(String.format(
                    Locale.ROOT, "%-7s %-" + (CHECK_WIDTH - 1) + "s ", finding.severity(), finding.check()));
            append(table, "", finding.what());
            if (!finding.why().isEmpty()) {
                append(table.append(INDENT), "Why: ", finding.why() + ".");
                append(table.append(INDENT), "Do:  ", finding.remedy() + ".");
            }
        }
        if (forecast != null) {
            table.append(System.lineSeparator()).append(forecast.table());
        }
        table.append(System.lineSeparator()).append(verdict()).append(System.lineSeparator());
        return table.toString();
    }

    private String verdict() {
        long errors = count(Severity.ERROR);
        long warnings = count(Severity.WARNING);
        if (errors + warnings == 0) {
            return "All is well.";
        }
        return errors + (errors == 1 ? " error" : " errors") + " and " + warnings
                + (warnings == 1 ? " warning" : " warnings")
                + (errors == 0 ? "; a training would run." : "; put the errors right before training.");
    }

    /** Breaks a text between words; its further lines begin below its first word. */
    private static void append(StringBuilder table, String label, String text) {
        table.append(label);
        int column = label.length();
        boolean first = true;
        for (String word : BLANK.splitAsStream(text).toList()) {
            if (!first && column + 1 + word.length() > TEXT_WIDTH) {
                table.append(System.lineSeparator()).append(INDENT).append(" ".repeat(label.length()));
                column = label.length();
            } else if (!first) {
                table.append(' ');
                column++;
            }
            table.append(word);
            column += word.length();
            first = false;
        }
        table.append(System.lineSeparator());
    }
}
