package org.convoy.model.layer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What was built for the input shapes seen last. A network meets few: the whole batch, the last one of an epoch, those of
 * scoring.
 *
 * @param <K> what is built for a shape
 */
final class ShapeCache<K> {
    private static final int CAPACITY = 4;

    private final Map<List<Long>, K> built = new LinkedHashMap<>(2 * CAPACITY, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Long>, K> eldest) {
            return size() > CAPACITY;
        }
    };

    K get(long[] shape, Supplier<K> builder) {
        List<Long> key = new ArrayList<>(shape.length);
        for (long size : shape) {
            key.add(size);
        }
        return built.computeIfAbsent(key, absent -> builder.get());
    }
}
