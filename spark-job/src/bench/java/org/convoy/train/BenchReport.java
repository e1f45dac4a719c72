package org.convoy.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convoy.model.engine.NativeSettings;

/** The figures: each goes into a JSON file as soon as it is there, and into a table at the end. */
final class BenchReport {
    private final Path file;
    private final Map<String, Object> figures = new LinkedHashMap<>();
    private final Map<String, List<String>> tables = new LinkedHashMap<>();

    BenchReport(Path file) {
        this.file = file.toAbsolutePath();
        figures.put("settings", NativeSettings.decide(1).describe());
        figures.put("processors", Runtime.getRuntime().availableProcessors());
    }

    /** Opens a table. */
    void table(String title, String... columns) {
        tables.put(
                title,
                new ArrayList<>(
                        List.of("| " + String.join(" | ", columns) + " |", "|" + "---|".repeat(columns.length))));
        System.out.println(title);
    }

    /**
     * Adds a line to the table opened last under that title.
     *
     * @param figure the same as a record, for the file
     */
    void line(String title, Object figure, String... cells) {
        String line = "| " + String.join(" | ", cells) + " |";
        tables.get(title).add(line);
        System.out.println("  " + line);
        figure(title, figure);
    }

    /** Adds a figure that stands in no table. */
    void figure(String title, Object figure) {
        @SuppressWarnings("unchecked")
        List<Object> ofTitle = (List<Object>) figures.computeIfAbsent(title, key -> new ArrayList<>());
        ofTitle.add(figure);
        try {
            Files.createDirectories(file.getParent());
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), figures);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Prints every table, as Markdown. */
    void print() {
        tables.forEach((title, lines) -> System.out.printf("%n%s%n%n%s%n", title, String.join("\n", lines)));
    }
}
