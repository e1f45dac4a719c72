package org.convoy.prepare;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.convoy.prepare.Outcome.Duplicate;
import org.convoy.prepare.Outcome.Known;
import org.convoy.prepare.Outcome.Origin;
import org.convoy.prepare.Outcome.Picture;
import org.convoy.prepare.Outcome.Rejected;

/**
 * Streams outcomes in {@link ContentKey} order. Of pictures with the same bytes and the same label the first is kept and the
 * others are duplicates; the same bytes under two labels are all rejected. What the dataset holds already stays as it is: pictures
 * with its bytes are duplicates, or rejected under another label. Holds one picture, and of the others with its bytes only their
 * origin.
 */
final class Deduplication implements Iterator<Outcome> {
    private final Iterator<Outcome> sorted;
    private final Queue<Outcome> decided = new ArrayDeque<>();
    private Outcome next; // null at the end

    Deduplication(Iterator<Outcome> sorted) {
        this.sorted = sorted;
        advance();
        decide();
    }

    @Override
    public boolean hasNext() {
        return !decided.isEmpty();
    }

    @Override
    public Outcome next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Outcome outcome = decided.remove();
        decide();
        return outcome;
    }

    /** Reads on until something is decided; what the dataset holds already is none of the outcomes. */
    private void decide() {
        while (decided.isEmpty() && next != null) {
            decideGroup();
        }
    }

    /** Reads all records with the bytes of {@code next}; rejected ones, of which there may be very many, one by one. */
    private void decideGroup() {
        Origin first = next.origin();
        if (next instanceof Rejected) {
            decided.add(next);
            advance();
            return;
        }
        Picture picture = null;
        Origin known = null;
        List<Origin> others = new ArrayList<>();
        while (next != null && next.origin().hasBytesOf(first)) {
            if (next instanceof Known) {
                known = next.origin();
            } else if (next instanceof Picture candidate && picture == null) {
                picture = candidate;
            } else if (next instanceof Rejected) {
                decided.add(next); // decoded otherwise when the dataset was made
            } else {
                others.add(next.origin());
            }
            advance();
        }
        if (known != null) {
            if (picture != null) {
                others.add(0, picture.origin());
            }
            decideAgainst(known, others);
        } else {
            decideAmong(picture, others);
        }
    }

    private void decideAgainst(Origin known, List<Origin> others) {
        for (Origin other : others) {
            decided.add(other.label() == known.label() ? duplicate(other, known) : conflicting(other, known));
        }
    }

    private void decideAmong(Picture kept, List<Origin> others) {
        Origin conflict = null;
        for (Origin other : others) {
            conflict = other.label() == kept.origin().label() ? conflict : other;
        }
        if (conflict == null) {
            decided.add(kept);
            others.forEach(other -> decided.add(duplicate(other, kept.origin())));
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

    private static Duplicate duplicate(Origin origin, Origin kept) {
        return new Duplicate(origin, kept.split());
    }

    private static Rejected conflicting(Origin origin, Origin other) {
        return new Rejected(
                origin, Reason.CONFLICTING_LABELS, "the same bytes as " + other.id() + " under another label");
    }
}
