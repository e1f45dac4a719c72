package org.convoy.repository;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Which versions were current one after another: each lies on the one that it replaced. A rollback takes what lies on top off, so
 * that a version that was found wanting is not gone back to.
 */
final class Publications {
    private final Deque<Integer> stack = new ArrayDeque<>();

    private Publications() {}

    /** What a model's history tells. */
    static Publications of(List<HistoryEntry> history) {
        Publications publications = new Publications();
        for (HistoryEntry entry : history) {
            switch (entry.action()) {
                case PUBLISH -> publications.publish(entry.version());
                case ROLLBACK -> publications.rollBackTo(entry.version());
                case PRUNE -> {
                    // What is gone is passed over when a predecessor is looked for.
                }
            }
        }
        return publications;
    }

    private void publish(int version) {
        if (!current().equals(Optional.of(version))) {
            stack.push(version);
        }
    }

    private void rollBackTo(int version) {
        while (!stack.isEmpty() && stack.peek() != version) {
            stack.pop();
        }
        publish(version);
    }

    /** The version on top. */
    Optional<Integer> current() {
        return Optional.ofNullable(stack.peek());
    }

    /** The nearest version below the top that is another one and {@code exists}. */
    Optional<Integer> predecessor(IntPredicate exists) {
        return stack.stream()
                .skip(1)
                .filter(version -> !current().equals(Optional.of(version)))
                .filter(exists::test)
                .findFirst();
    }
}
