package org.convoy.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;
import org.convoy.runtime.UserError;

/**
 * Models and their versions on any Hadoop file system:
 *
 * <pre>
 * DIRECTORY/NAME/versions/N/{model.zip, model-card.json, report.json, report.html}
 * DIRECTORY/NAME/CURRENT         the published version's number
 * DIRECTORY/NAME/HISTORY.jsonl   which version became current when, who did it and why
 * DIRECTORY/NAME/checkpoints     of a training that is not finished
 * DIRECTORY/NAME/features        what frozen layers made of datasets, to train heads from
 * </pre>
 *
 * A version appears by one rename of a finished directory, CURRENT changes by one rename of a finished file: a reader sees
 * the old or the new, never half of one.
 */
public final class ModelRepository {
    /** The archive's file name in a version's directory. */
    public static final String ARCHIVE = "model.zip";

    private static final String CURRENT = "CURRENT";
    private static final String HISTORY = "HISTORY.jsonl";
    private static final String VERSIONS = "versions";
    private static final String CHECKPOINTS = "checkpoints";
    private static final String FEATURES = "features";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

    private final FileContext files;
    private final Path directory;

    private ModelRepository(FileContext files, Path directory) {
        this.files = files;
        this.directory = directory;
    }

    /** The repository in {@code directory}, which need not exist yet. */
    public static ModelRepository at(Configuration hadoop, String directory) {
        try {
            Path path = new Path(directory);
            FileContext files = FileContext.getFileContext(
                    path.getFileSystem(hadoop).makeQualified(path).toUri(), hadoop);
            return new ModelRepository(files, files.makeQualified(path));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "[" + directory + "] Cannot reach the model repository: " + e.getMessage(), e);
        }
    }

    /**
     * Makes sure, before anything is computed, that a version of {@code name} can be written.
     *
     * @throws UserError (usage) if the name cannot be a directory's or the directory cannot be written
     */
    public void prepareFor(String name) {
        if (!NAME.matcher(name).matches()) {
            throw UserError.usage(
                    "models.name must start with a letter or digit and hold only letters, digits, '.', '_'"
                            + " and '-' but was '" + name + "'");
        }
        try {
            Path staging = staging(name);
            files.mkdir(staging, null, true);
            files.delete(staging, true);
        } catch (IOException e) {
            throw UserError.usage("[" + directory + "] models.directory cannot be written: " + e.getMessage());
        }
    }

    /** Names of the models that have at least one version, sorted. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (String name : children(directory)) {
            if (!versions(name).isEmpty()) {
                names.add(name);
            }
        }
        Collections.sort(names);
        return names;
    }

    /** Numbers of a model's versions, ascending; empty if there is no such model. */
    public List<Integer> versions(String name) {
        return children(new Path(new Path(directory, name), VERSIONS)).stream()
                .filter(child -> NUMBER.matcher(child).matches())
                .map(Integer::valueOf)
                .sorted()
                .toList();
    }

    /** The published version of a model, if one is. */
    public Optional<Integer> current(String name) {
        return read(new Path(new Path(directory, name), CURRENT))
                .map(bytes -> Integer.valueOf(new String(bytes, StandardCharsets.UTF_8).strip()));
    }

    /**
     * Adds a version, with the next number. Two runs may want the same number: the rename refuses the second, which then
     * takes the next.
     *
     * @param content gives the version's files by name, for its number
     * @return its number
     */
    public int add(String name, IntFunction<Map<String, byte[]>> content) {
        List<Integer> existing = versions(name);
        int number = existing.isEmpty() ? 1 : existing.get(existing.size() - 1) + 1;
        while (!tryAdd(name, number, content.apply(number))) {
            number++;
        }
        return number;
    }

    private boolean tryAdd(String name, int number, Map<String, byte[]> content) {
        Path staging = staging(name);
        try {
            for (Map.Entry<String, byte[]> file : content.entrySet()) {
                write(new Path(staging, file.getKey()), file.getValue());
            }
            files.rename(staging, version(name, number), Options.Rename.NONE);
            return true;
        } catch (FileAlreadyExistsException e) {
            delete(staging);
            return false;
        } catch (IOException e) {
            delete(staging);
            throw new UncheckedIOException("[" + staging + "] Cannot write the model: " + e.getMessage(), e);
        }
    }

    private void delete(Path staging) {
        try {
            files.delete(staging, true);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + staging + "] Cannot delete: " + e.getMessage(), e);
        }
    }

    /**
     * Makes a version the current one.
     *
     * @param why one line for the history
     * @throws UserError (bad input) if there is no such version
     */
    public void publish(String name, int number, String why) {
        requireVersion(name, number);
        Path model = new Path(directory, name);
        try {
            replace(new Path(model, CURRENT), (number + "\n").getBytes(StandardCharsets.UTF_8));
            replace(new Path(model, HISTORY), history(model, number, why));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + model + "] Cannot publish: " + e.getMessage(), e);
        }
    }

    private byte[] history(Path model, int number, String why) throws JsonProcessingException {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("version", number);
        entry.put("at", Instant.now().toString());
        entry.put("by", System.getProperty("user.name"));
        entry.put("why", why);
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        lines.writeBytes(read(new Path(model, HISTORY)).orElse(new byte[0]));
        lines.writeBytes(new JsonMapper().writeValueAsBytes(entry));
        lines.write('\n');
        return lines.toByteArray();
    }

    /** The lines of a model's history, oldest first. */
    public List<String> history(String name) {
        return read(new Path(new Path(directory, name), HISTORY))
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8).lines().toList())
                .orElse(List.of());
    }

    /**
     * One file of a version.
     *
     * @throws UserError (bad input) if the version or the file does not exist
     */
    public byte[] file(String name, int number, String file) {
        requireVersion(name, number);
        Path path = new Path(version(name, number), file);
        return read(path).orElseThrow(() -> UserError.badInput("[" + path + "] does not exist"));
    }

    /** Puts a file beside a version's own, replacing one of that name; for results that come later, such as evaluations. */
    public Path addFile(String name, int number, String file, byte[] content) {
        Path path = new Path(version(name, number), file);
        try {
            replace(path, content);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot write: " + e.getMessage(), e);
        }
        return path;
    }

    /** A version's card, from its copy beside the archive: no need to fetch a large model to describe it. */
    public ModelCard card(String name, int number) {
        return ModelArchive.readCard(
                file(name, number, ModelArchive.CARD_ENTRY),
                version(name, number).toString());
    }

    /** A version's archive. */
    public ModelArchive archive(String name, int number) {
        return ModelArchive.read(file(name, number, ARCHIVE), new Path(version(name, number), ARCHIVE).toString());
    }

    /** The directory of a version, as a path to show. */
    public Path version(String name, int number) {
        return new Path(new Path(new Path(directory, name), VERSIONS), Integer.toString(number));
    }

    private void requireVersion(String name, int number) {
        List<Integer> versions = versions(name);
        if (versions.isEmpty()) {
            throw UserError.badInput("[" + directory + "] has no model '" + name + "'; it has " + names()
                    + " (see `convoy models list`)");
        }
        if (!versions.contains(number)) {
            throw UserError.badInput(
                    "[" + new Path(directory, name) + "] has no version " + number + "; it has " + versions);
        }
    }

    /** Where a training that makes the next version of a model keeps its checkpoints. */
    public Path checkpoints(String name) {
        return new Path(new Path(directory, name), CHECKPOINTS);
    }

    /** Where trainings of a model's versions keep what frozen layers made of datasets. */
    public Path features(String name) {
        return new Path(new Path(directory, name), FEATURES);
    }

    private Path staging(String name) {
        return new Path(new Path(new Path(directory, name), VERSIONS), ".writing-" + UUID.randomUUID());
    }

    private List<String> children(Path parent) {
        try {
            List<String> names = new ArrayList<>();
            RemoteIterator<FileStatus> entries = files.listStatus(parent);
            while (entries.hasNext()) {
                FileStatus entry = entries.next();
                if (entry.isDirectory()) {
                    names.add(entry.getPath().getName());
                }
            }
            return names;
        } catch (FileNotFoundException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("[" + parent + "] Cannot list: " + e.getMessage(), e);
        }
    }

    private Optional<byte[]> read(Path file) {
        try (FSDataInputStream in = files.open(file)) {
            return Optional.of(in.readAllBytes());
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("[" + file + "] Cannot read: " + e.getMessage(), e);
        }
    }

    private void replace(Path file, byte[] content) throws IOException {
        Path aside = new Path(file.getParent(), "." + file.getName() + "-" + UUID.randomUUID());
        write(aside, content);
        files.rename(aside, file, Options.Rename.OVERWRITE);
    }

    private void write(Path file, byte[] content) throws IOException {
        try (FSDataOutputStream out =
                files.create(file, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent())) {
            out.write(content);
        }
    }
}
