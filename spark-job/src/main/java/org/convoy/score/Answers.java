package org.convoy.score;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.convoy.model.Classifier;
import org.convoy.model.InputShape;
import org.convoy.prepare.ImageDecoder;
import org.convoy.prepare.ImageDecoder.Decoded;
import org.convoy.prepare.ImageDecoder.Refused;

/**
 * Answers for pictures that come in parts, in their order:
 *
 * <pre>
 * while (answers.nextPart()) {
 *     while (answers.hasNext()) {
 *         answers.next();
 *     }
 * }
 * </pre>
 *
 * <p>The thread that asks for them reads and decodes, because sources and {@link ImageDecoder} know their Spark task by it; the seat's
 * thread computes. Three batches are with that thread at most, so it has work while a part is written to its end and the next one
 * opened. A batch is of one part, so that what a part's answers are does not depend on the parts beside it.
 */
public final class Answers implements Iterator<Answer>, AutoCloseable {
    private static final int AHEAD = 3;

    private final Iterator<Iterator<Picture>> parts;
    private final ImageDecoder decoder; // null: pictures hold pixels
    private final String embeddingLayer;
    private final int batchSize;
    private final InputShape shape;
    private final ResidentModel.Seat seat;
    private final Deque<Batch> ahead = new ArrayDeque<>();
    private Iterator<Picture> reading = Collections.emptyIterator();
    private int partsRead; // or begun to be read
    private int partsGiven; // or begun to be given
    private Iterator<Answer> ready = Collections.emptyIterator();
    private boolean closed;

    Answers(
            Iterator<Iterator<Picture>> parts,
            ImageDecoder decoder,
            String embeddingLayer,
            int batchSize,
            ResidentModel.Seat seat) {
        this.parts = parts;
        this.decoder = decoder;
        this.embeddingLayer = embeddingLayer;
        this.batchSize = batchSize;
        this.shape = seat.card().input();
        this.seat = seat;
    }

    /** A picture that was read: one of {@code pixels} and {@code refused} is null. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    private record Decoding(Picture picture, byte[] pixels, Refused refused) {}

    /**
     * Pictures that the network computes at once.
     *
     * @param part whose pictures they are, counted from 1
     */
    private record Batch(int part, Future<List<Answer>> answers) {}

    /** Goes on to the next part, once the answers of the one before are taken; false if there is none. */
    public boolean nextPart() {
        if (partsGiven == partsRead && !beginPart()) {
            close();
            return false;
        }
        partsGiven++;
        return true;
    }

    /** Whether the part has another answer. */
    @Override
    public boolean hasNext() {
        while (!ready.hasNext()) {
            while (ahead.size() < AHEAD && findPicture()) {
                List<Decoding> batch = nextBatch();
                ahead.add(new Batch(partsRead, seat.thread().submit(() -> answers(batch))));
            }
            if (ahead.isEmpty()) {
                close();
                return false;
            }
            if (ahead.element().part() != partsGiven) {
                return false;
            }
            ready = result(ahead.remove().answers()).iterator();
        }
        return true;
    }

    /** Begins parts until one has a picture. */
    private boolean findPicture() {
        while (!reading.hasNext()) {
            if (!beginPart()) {
                return false;
            }
        }
        return true;
    }

    private boolean beginPart() {
        if (!parts.hasNext()) {
            return false;
        }
        reading = parts.next();
        partsRead++;
        return true;
    }

    @Override
    public Answer next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.next();
    }

    private List<Decoding> nextBatch() {
        List<Decoding> batch = new ArrayList<>(batchSize);
        while (batch.size() < batchSize && reading.hasNext()) {
            batch.add(decoded(reading.next()));
        }
        return batch;
    }

    private Decoding decoded(Picture picture) {
        if (decoder == null) {
            return new Decoding(picture, picture.content(), null);
        }
        ImageDecoder.Result result =
                picture.content() == null ? decoder.tooLarge(picture.size()) : decoder.decode(picture.content());
        return result instanceof Decoded decoded
                ? new Decoding(picture, decoded.pixels(), null)
                : new Decoding(picture, null, (Refused) result);
    }

    /** In the seat's thread. */
    private List<Answer> answers(List<Decoding> batch) {
        List<Decoding> sound =
                batch.stream().filter(decoding -> decoding.refused() == null).toList();
        Classifier.Answer said = sound.isEmpty() ? null : said(sound);
        List<Answer> answers = new ArrayList<>(batch.size());
        int number = 0;
        for (Decoding decoding : batch) {
            answers.add(
                    decoding.refused() != null
                            ? Answer.refused(decoding.picture(), decoding.refused())
                            : Answer.of(
                                    decoding.picture(),
                                    decoding.pixels(),
                                    number++,
                                    said.probabilities(),
                                    said.activations(),
                                    sound.size()));
        }
        return answers;
    }

    private Classifier.Answer said(List<Decoding> sound) {
        byte[] pixels = new byte[sound.size() * shape.size()];
        for (int i = 0; i < sound.size(); i++) {
            System.arraycopy(sound.get(i).pixels(), 0, pixels, i * shape.size(), shape.size());
        }
        return embeddingLayer.isEmpty()
                ? new Classifier.Answer(seat.classifier().probabilities(pixels, sound.size()), new float[0])
                : seat.classifier().answer(embeddingLayer, pixels, sound.size());
    }

    private static List<Answer> result(Future<List<Answer>> batch) {
        try {
            return batch.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error; // what ends an executor must end it
            }
            throw new IllegalStateException(
                    "Cannot answer for a batch: " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The task was stopped while the network computed", e);
        }
    }

    /** Leaves the model to others, as the last answer does. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            ahead.forEach(batch -> batch.answers().cancel(false));
            ahead.clear();
            seat.close();
        }
    }
}
