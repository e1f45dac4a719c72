package org.convoy.repository;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.convoy.runtime.UserError;

/**
 * A model's version as a user names it: {@code NAME} (the newest), {@code NAME@CURRENT} (the published one) or {@code
 * NAME@3}.
 *
 * @param name of the model
 * @param number of the version
 */
public record ModelVersion(String name, int number) {
    private static final Pattern REFERENCE = Pattern.compile("([^@/]+)(?:@(CURRENT|[1-9][0-9]{0,8}))?");

    /**
     * Finds what {@code reference} names.
     *
     * @throws UserError (usage) if it is not of that form; (bad input) if there is no such model or version
     */
    public static ModelVersion find(ModelRepository repository, String reference) {
        Matcher parts = REFERENCE.matcher(reference);
        if (!parts.matches()) {
            throw UserError.usage("model must be NAME, NAME@CURRENT or NAME@NUMBER but was '" + reference + "'");
        }
        String name = parts.group(1);
        String version = parts.group(2);
        if (version == null) {
            List<Integer> versions = repository.versions(name);
            return new ModelVersion(name, versions.isEmpty() ? 0 : versions.get(versions.size() - 1));
        }
        if (version.equals("CURRENT")) {
            return new ModelVersion(
                    name,
                    repository
                            .current(name)
                            .orElseThrow(() -> UserError.badInput("model '" + name
                                    + "' has no published version; publish one with `convoy models publish " + name
                                    + "@NUMBER`")));
        }
        return new ModelVersion(name, Integer.parseInt(version));
    }

    @Override
    public String toString() {
        return name + "@" + number;
    }
}
