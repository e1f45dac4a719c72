package org.convoy.prepare;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.convoy.prepare.Outcome.Duplicate;
import org.convoy.prepare.Outcome.Origin;
import org.convoy.prepare.Outcome.Picture;
import org.convoy.prepare.Outcome.Rejected;

/**
 * Streams outcomes in {@link ContentKey} order. Of pictures with the same bytes and the same label the first is kept and the
 * others are duplicates; the same bytes under two labels are all rejected. Holds one picture, and of the others with its bytes only
 * their origin.
 */
final class Deduplication implements Iterator<Outcome> {
    private final Iterator<Outcome> sorted;
    private final Queue<Outcome> decided = new ArrayDeque<>();
    private Outcome next; // null at the end

    Deduplication(Iterator<Outcome> sorted) {
        this.sorted = sorted;
        advance();
    }

    @Override
    public boolean hasNext() {
        return !decided.isEmpty() || next != null;
    }

    @Override
    public Outcome next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (decided.isEmpty()) {
            decideGroup();
        }
        return decided.remove();
    }

    /** Reads all records with the bytes of {@code next}. Equal bytes decode equally: all are pictures or all are rejected. */
    private void decideGroup() {
        Outcome first = next;
        advance();
        if (!(first instanceof Picture kept)) {
            decided.add(first);
            return;
        }
        List<Origin> others = new ArrayList<>();
        Origin conflict = null;
        while (next != null && next.origin().hasBytesOf(kept.origin())) {
            others.add(next.origin());
            if (next.origin().label() != kept.origin().label()) {
                conflict = next.origin();
            }
            advance();
        }
        if (conflict == null) {
            decided.add(kept);
            others.forEach(other -> decided.add(new Duplicate(other)));
        } else {
            decided.add(conflicting(kept.origin(), conflict));
            for (Origin other : others) {
                decided.add(conflicting(other, other.label() == kept.origin().label() ? conflict : kept.origin()));
            }
        }
    }

    private void advance() {
        next = sorted.hasNext() ? sorted.next() : null;
    }

    private static Rejected conflicting(Origin origin, Origin other) {
        return new Rejected(
                origin, Reason.CONFLICTING_LABELS, "the same bytes as " + other.id() + " under another label");
    }
}
