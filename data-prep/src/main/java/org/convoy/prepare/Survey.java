package org.convoy.prepare;

import java.io.Serializable;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.convoy.data.Split;
import org.convoy.runtime.UserError;

/** How many pictures a source has, by split and class: counted before any is decoded, in parts that are added up. */
final class Survey implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?\\d{1,18}");
    private static final int CLASSES_SHOWN = 20;

    private final EnumMap<Split, Map<String, Long>> pictures = new EnumMap<>(Split.class);

    void add(Split split, String className, long count) {
        pictures.computeIfAbsent(split, any -> new TreeMap<>()).merge(className, count, Long::sum);
    }

    void add(Survey other) {
        other.pictures.forEach((split, classes) -> classes.forEach((name, count) -> add(split, name, count)));
    }

    long pictures() {
        return pictures.values().stream()
                .flatMap(classes -> classes.values().stream())
                .mapToLong(count -> count)
                .sum();
    }

    long pictures(Split split, String className) {
        return pictures.getOrDefault(split, Map.of()).getOrDefault(className, 0L);
    }

    /** The splits that occur. */
    Set<Split> splits() {
        Set<Split> splits = EnumSet.noneOf(Split.class);
        splits.addAll(pictures.keySet());
        return splits;
    }

    /**
     * The class names of the train split in label order: by number if all are whole numbers, else by name.
     *
     * @param input what the user gave, for errors
     * @throws UserError (bad input) if there is none, or another split has one that train lacks
     */
    List<String> classes(String input) {
        Set<String> train = classNames(Split.TRAIN);
        if (train.isEmpty()) {
            throw UserError.badInput("[" + input + "] has no picture to train on");
        }
        for (Split split : pictures.keySet()) {
            for (String name : classNames(split)) {
                if (!train.contains(name)) {
                    throw UserError.badInput("[" + input + "] has class '" + name + "' in " + split.label()
                            + " but not in train, which has " + firstOf(train));
                }
            }
        }
        boolean numbers =
                train.stream().allMatch(name -> WHOLE_NUMBER.matcher(name).matches());
        Comparator<String> byName = Comparator.naturalOrder();
        Comparator<String> byNumber = Comparator.comparing(Long::valueOf);
        return train.stream()
                .sorted(numbers ? byNumber.thenComparing(byName) : byName)
                .toList();
    }

    private Set<String> classNames(Split split) {
        return pictures.getOrDefault(split, Map.of()).keySet();
    }

    private static String firstOf(Set<String> names) {
        String shown = String.join(", ", names.stream().limit(CLASSES_SHOWN).toList());
        int left = names.size() - CLASSES_SHOWN;
        return "[" + shown + (left > 0 ? " and " + left + " more" : "") + "]";
    }
}
