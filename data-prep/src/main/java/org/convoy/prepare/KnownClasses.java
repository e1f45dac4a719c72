package org.convoy.prepare;

import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.convoy.runtime.UserError;

/**
 * The labels of the classes that an input names, among those that were asked for.
 *
 * @param labels by class name; empty where no label is read
 */
record KnownClasses(Map<String, Integer> labels) implements Serializable {
    static final KnownClasses NONE = new KnownClasses(Map.of());

    private static final int NAMES_SHOWN = 5;

    /**
     * Decides whether labels are read.
     *
     * @param names of classes in the input
     * @throws UserError (bad input) if some names are unknown and others not, or labels are required and not there
     */
    static KnownClasses among(UnitsConfig config, Collection<String> names) {
        if (config.labels() == UnitsConfig.Labels.NONE) {
            return NONE;
        }
        boolean required = config.labels() == UnitsConfig.Labels.REQUIRED;
        TreeSet<String> unknown = new TreeSet<>(names);
        unknown.removeAll(config.classes());
        boolean someKnown = unknown.size() < names.size();
        if (!unknown.isEmpty() && (someKnown || required)) {
            throw UserError.badInput("[" + config.input() + "] names classes that the model does not know: "
                    + few(unknown) + "; it knows " + few(config.classes())
                    + "; with score.labels = none they are no classes");
        }
        if (required && names.isEmpty()) {
            throw UserError.badInput("[" + config.input()
                    + "] has no labels though score.labels = required; auto or none scores without them");
        }
        return someKnown ? new KnownClasses(ClassLabels.of(config.classes()).labels()) : NONE;
    }

    private static String few(Collection<String> names) {
        List<String> shown = names.stream().limit(NAMES_SHOWN).toList();
        int left = names.size() - shown.size();
        return "[" + String.join(", ", shown) + (left > 0 ? " and " + left + " more" : "") + "]";
    }

    boolean areRead() {
        return !labels.isEmpty();
    }

    /** The label of a class; {@link Encoded#UNLABELLED} of none. */
    int of(String className) {
        return className == null ? Encoded.UNLABELLED : labels.getOrDefault(className, Encoded.UNLABELLED);
    }
}
