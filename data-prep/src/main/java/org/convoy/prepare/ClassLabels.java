package org.convoy.prepare;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The label of each class name: its place in label order. */
record ClassLabels(Map<String, Integer> labels) implements Serializable {

    static ClassLabels of(List<String> classes) {
        Map<String, Integer> labels = new HashMap<>();
        classes.forEach(name -> labels.put(name, labels.size()));
        return new ClassLabels(labels);
    }

    int of(String className) {
        return labels.get(className);
    }
}
