package org.convoy.train;

import java.util.List;

/** How much an example of each class counts in training. */
sealed interface ClassWeights {
    /**
     * The weights, in label order; empty if all classes count the same.
     *
     * @param rowsPerClass of the train split, in label order
     */
    List<Double> of(List<Long> rowsPerClass);

    /** All classes count the same. */
    record None() implements ClassWeights {
        @Override
        public List<Double> of(List<Long> rowsPerClass) {
            return List.of();
        }
    }

    /**
     * Each class counts the same as a whole: N / (classes · N_c), which is 1 on the average over the examples (King and Zeng
     * 2001, as scikit-learn has it). A class without examples has weight 1 and is not one of the classes.
     */
    record Balanced() implements ClassWeights {
        @Override
        public List<Double> of(List<Long> rowsPerClass) {
            double rows = rowsPerClass.stream().mapToLong(n -> n).sum();
            long classes = rowsPerClass.stream().filter(n -> n > 0).count();
            return rowsPerClass.stream()
                    .map(n -> n == 0 ? 1 : rows / (classes * n))
                    .toList();
        }
    }

    /** As the user gave them. */
    record Given(List<Double> values) implements ClassWeights {
        public Given {
            values = List.copyOf(values);
            for (double value : values) {
                if (!(value > 0) || Double.isInfinite(value)) {
                    throw new IllegalArgumentException("train.class-weights must be above 0 but were " + values);
                }
            }
        }

        @Override
        public List<Double> of(List<Long> rowsPerClass) {
            if (values.size() != rowsPerClass.size()) {
                throw new IllegalArgumentException("train.class-weights must be " + rowsPerClass.size()
                        + ", one per class, but were " + values.size());
            }
            return values;
        }
    }
}
