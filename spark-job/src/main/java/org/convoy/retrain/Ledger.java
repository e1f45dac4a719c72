package org.convoy.retrain;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.convoy.report.JsonReport;
import org.convoy.runtime.AtomicFiles;

/**
 * What former cycles have made of their inputs.
 *
 * @param considered digest of the dataset that the newest cycle has judged a candidate of; "" before the first
 * @param taken inputs in the dataset, by path
 * @param setAside inputs that left the dataset again with the candidate that was kept back
 */
record Ledger(String considered, List<Input> taken, List<Input> setAside) {
    private static final JsonMapper JSON = new JsonMapper();

    Ledger {
        taken = List.copyOf(taken);
        setAside = List.copyOf(setAside);
    }

    /** What {@code file} says; empty if there is none yet. */
    static Ledger read(Configuration hadoop, Path file) {
        try {
            byte[] json = AtomicFiles.at(hadoop, file).read(file).orElse(null);
            return json == null ? new Ledger("", List.of(), List.of()) : JSON.readValue(json, Ledger.class);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + file + "] Cannot read: " + e.getMessage(), e);
        }
    }

    void write(Configuration hadoop, Path file) {
        try {
            AtomicFiles.at(hadoop, file).replace(file, JsonReport.of(this));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + file + "] Cannot write: " + e.getMessage(), e);
        }
    }

    /** With these in the dataset, as they are now. */
    Ledger taking(List<Input> inputs, String dataset) {
        return new Ledger(dataset, with(taken, inputs), without(setAside, inputs));
    }

    /** With these out of the dataset. */
    Ledger settingAside(List<Input> inputs, String dataset) {
        return new Ledger(dataset, without(taken, inputs), with(setAside, inputs));
    }

    private static List<Input> with(List<Input> some, List<Input> more) {
        TreeMap<String, Input> byPath = new TreeMap<>();
        some.forEach(input -> byPath.put(input.path(), input));
        more.forEach(input -> byPath.put(input.path(), input));
        return new ArrayList<>(byPath.values());
    }

    private static List<Input> without(List<Input> some, List<Input> others) {
        List<String> paths = others.stream().map(Input::path).toList();
        return some.stream().filter(input -> !paths.contains(input.path())).toList();
    }
}
