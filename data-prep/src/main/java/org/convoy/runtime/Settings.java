package org.convoy.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The effective configuration: {@code --set} over the user's file over the modules' {@code reference.conf}. Strict: a key
 * that no {@code reference.conf} knows is an error that names the nearest known one.
 */
public final class Settings {
    /** Top-level sections that belong to Convoy; other libraries' {@code reference.conf} entries are not ours to offer. */
    private static final List<String> SECTIONS = List.of(
            "prepare",
            "model",
            "architecture",
            "train",
            "transfer",
            "evaluate",
            "score",
            "retrain",
            "models",
            "cluster",
            "gpu",
            "doctor");

    private static final Pattern LITERAL = Pattern.compile("true|false|[-+]?[0-9.]+([eE][-+]?[0-9]+)?");

    private Settings() {}

    /**
     * Reads and checks the configuration.
     *
     * @param file the user's HOCON file, if one was given
     * @param overrides {@code key=value} pairs in the order given; the last one for a key wins
     * @throws UserError (usage) if the file is missing or not HOCON, a pair has no {@code =}, a key is unknown, or a path holds a password
     */
    public static Config load(Optional<Path> file, List<String> overrides) {
        Config reference = reference();
        Map<String, ConfigValue> known = new LinkedHashMap<>();
        collectValues("", reference.root(), known);

        Config user = ConfigFactory.empty();
        for (String override : overrides) {
            user = parseOverride(override).withFallback(user);
        }
        if (file.isPresent()) {
            user = user.withFallback(parseFile(file.get()));
        }
        try {
            user = user.resolve();
        } catch (ConfigException e) {
            throw UserError.usage("Cannot resolve the configuration: " + e.getMessage());
        }
        Map<String, ConfigValue> given = new LinkedHashMap<>();
        collectValues("", user.root(), given);
        refuseUnknownKeys(given, known);
        given.forEach(Secrets::requireNone);
        return user.withFallback(reference).resolve();
    }

    /** Every default, from the {@code reference.conf} of each module on the class path. */
    public static Config reference() {
        Config all = ConfigFactory.parseResources(Settings.class.getClassLoader(), "reference.conf")
                .resolve();
        Config ours = ConfigFactory.empty();
        for (String section : SECTIONS) {
            if (all.hasPathOrNull(section)) {
                ours = ours.withValue(section, all.getValue(section));
            }
        }
        return ours;
    }

    /** One line {@code section.key = value} per key of the sections, in the order of {@code reference.conf}. */
    public static List<String> lines(Config config, List<String> sections) {
        return sections.stream()
                .flatMap(section -> keys(section).keySet().stream())
                .map(key -> key + " = " + config.getValue(key).render(ConfigRenderOptions.concise()))
                .toList();
    }

    /** The keys of a section as {@code reference.conf} documents them: comment lines, then the key with its default. */
    public static List<String> documented(String section) {
        List<String> lines = new ArrayList<>();
        keys(section).forEach((key, value) -> {
            lines.add("");
            value.origin().comments().forEach(comment -> lines.add("  #" + comment));
            lines.add("  " + key + " = " + value.render(ConfigRenderOptions.concise()));
        });
        return lines;
    }

    private static Map<String, ConfigValue> keys(String section) {
        Map<String, ConfigValue> keys = new LinkedHashMap<>();
        collectValues("", reference().root().withOnlyKey(section), keys);
        return keys;
    }

    private static void collectValues(String prefix, ConfigObject object, Map<String, ConfigValue> values) {
        object.entrySet().stream()
                .sorted(Comparator.comparingInt(
                        entry -> entry.getValue().origin().lineNumber()))
                .forEach(entry -> {
                    String key = prefix.isEmpty() ? entry.getKey() : prefix + "." + entry.getKey();
                    if (entry.getValue() instanceof ConfigObject child && !child.isEmpty()) {
                        collectValues(key, child, values);
                    } else {
                        values.put(key, entry.getValue());
                    }
                });
    }

    private static Config parseFile(Path file) {
        if (!Files.isRegularFile(file)) {
            throw UserError.usage("[" + file + "] configuration file does not exist");
        }
        try {
            return ConfigFactory.parseFile(new File(file.toString()));
        } catch (ConfigException e) {
            throw UserError.usage("[" + file + "] is not valid HOCON: " + e.getMessage());
        }
    }

    private static Config parseOverride(String override) {
        int equals = override.indexOf('=');
        if (equals <= 0) {
            throw UserError.usage("--set must be key=value but was '" + override + "'");
        }
        String key = override.substring(0, equals).strip();
        String value = override.substring(equals + 1).strip();
        try {
            return ConfigFactory.parseString(key + " = " + (isPlainText(value) ? quote(value) : value));
        } catch (ConfigException e) {
            throw UserError.usage("--set " + override + " is not valid HOCON: " + e.getMessage());
        }
    }

    /** Paths such as {@code hdfs://nn:8020/data} hold characters that HOCON wants quoted; a user of a shell does not. */
    private static boolean isPlainText(String value) {
        return !value.isEmpty()
                && "\"[{$".indexOf(value.charAt(0)) < 0
                && !LITERAL.matcher(value).matches();
    }

    private static String quote(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static void refuseUnknownKeys(Map<String, ConfigValue> given, Map<String, ConfigValue> known) {
        for (String key : given.keySet()) {
            if (!known.containsKey(key) && !isOfUsersOwn(key, known)) {
                throw UserError.usage("Unknown configuration key '" + key + "'; did you mean '"
                        + nearest(key, known.keySet()) + "'? (`bin/convoy COMMAND --help` lists the keys)");
            }
        }
    }

    /** Below a key whose default is an empty object, names are the user's. */
    private static boolean isOfUsersOwn(String key, Map<String, ConfigValue> known) {
        return known.entrySet().stream()
                .anyMatch(entry -> entry.getValue() instanceof ConfigObject && key.startsWith(entry.getKey() + "."));
    }

    /** Which of the known names was most likely meant. */
    public static String nearest(String key, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt((String candidate) -> editDistance(key, candidate)))
                .orElseThrow();
    }

    /** Levenshtein distance, one row at a time. */
    private static int editDistance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitution, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
