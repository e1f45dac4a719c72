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
 * Answers for pictures, in their order. The thread that asks for them reads and decodes, because sources and {@link ImageDecoder} know
 * their Spark task by it; the seat's thread computes. Two batches are with that thread at most, so it has the next one when it is done
 * with the first.
 */
public final class Answers implements Iterator<Answer>, AutoCloseable {
    private static final int AHEAD = 2;

    private final Iterator<Picture> pictures;
    private final ImageDecoder decoder; // null: pictures hold pixels
    private final String embeddingLayer;
    private final int batchSize;
    private final InputShape shape;
    private final ResidentModel.Seat seat;
    private final Deque<Future<List<Answer>>> ahead = new ArrayDeque<>();
    private Iterator<Answer> ready = Collections.emptyIterator();
    private boolean closed;

    Answers(
            Iterator<Picture> pictures,
            ImageDecoder decoder,
            String embeddingLayer,
            int batchSize,
            ResidentModel.Seat seat) {
        this.pictures = pictures;
        this.decoder = decoder;
        this.embeddingLayer = embeddingLayer;
        this.batchSize = batchSize;
        this.shape = seat.card().input();
        this.seat = seat;
    }

    /** A picture that was read: one of {@code pixels} and {@code refused} is null. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    private record Decoding(Picture picture, byte[] pixels, Refused refused) {}

    @Override
    public boolean hasNext() {
        while (!ready.hasNext()) {
            while (ahead.size() < AHEAD && pictures.hasNext()) {
                List<Decoding> batch = nextBatch();
                ahead.add(seat.thread().submit(() -> answers(batch)));
            }
            if (ahead.isEmpty()) {
                close();
                return false;
            }
            ready = result(ahead.remove()).iterator();
        }
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
        while (batch.size() < batchSize && pictures.hasNext()) {
            batch.add(decoded(pictures.next()));
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
            ahead.forEach(batch -> batch.cancel(false));
            ahead.clear();
            seat.close();
        }
    }
}
