package org.convoy.score;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.convoy.cli.TaskGpu;
import org.convoy.cli.TaskNatives;
import org.convoy.model.Classifier;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;

/**
 * A model in the memory of a process, executor or driver: loaded once, whatever tasks come and go. Each task that runs takes a seat,
 * a network of its own whose parameters are the model's, and leaves it to the next one.
 */
final class ResidentModel {
    /** Models of a process that no task uses, the last ones used: a job that asks two by turns loads neither again. */
    private static final int MOST_IDLE = 2;

    /** In the order of their last use. */
    private static final Map<Key, ResidentModel> LOADED = new LinkedHashMap<>();

    private final ModelCard card;
    private final Classifier first;
    private final Deque<Seat> free = new ArrayDeque<>();
    private int taken;

    private ResidentModel(ModelArchive archive) {
        this.card = archive.card();
        this.first = archive.classifier();
        free.push(new Seat(this, first));
    }

    /**
     * One model on one device.
     *
     * @param digest SHA-256 of the archive
     * @param device Spark's address of the task's GPU; "" for the processor
     */
    private record Key(String digest, String device) {}

    /** A network that one task at a time computes with, and the thread that it computes in. */
    static final class Seat implements AutoCloseable {
        private final ResidentModel model;
        private final Classifier classifier;
        private final Optional<String> gpu = TaskGpu.address();
        private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
            Thread made = new Thread(
                    () -> {
                        gpu.ifPresent(TaskNatives::computeOn);
                        work.run();
                    },
                    "scoring");
            made.setDaemon(true);
            return made;
        });

        private Seat(ResidentModel model, Classifier classifier) {
            this.model = model;
            this.classifier = classifier;
        }

        ModelCard card() {
            return model.card;
        }

        /** To be used in {@link #thread()} alone. */
        Classifier classifier() {
            return classifier;
        }

        ExecutorService thread() {
            return thread;
        }

        /** Leaves the seat; whatever its thread was told to do is done or will be. */
        @Override
        public void close() {
            synchronized (LOADED) {
                model.taken--;
                model.free.push(this);
                dropIdle();
            }
        }
    }

    /**
     * Takes a seat at a model, which is loaded if it is not there.
     *
     * @param digest SHA-256 of the archive
     * @param device Spark's address of the task's GPU; "" for the processor
     * @param archive gives its bytes
     */
    static Seat seat(String digest, String device, Supplier<byte[]> archive) {
        synchronized (LOADED) { // others wait until it is loaded
            Key key = new Key(digest, device);
            ResidentModel found = LOADED.remove(key);
            ResidentModel model =
                    found == null ? new ResidentModel(ModelArchive.read(archive.get(), "broadcast")) : found;
            LOADED.put(key, model);
            Seat seat = model.free.isEmpty() ? new Seat(model, model.first.sharingParameters()) : model.free.pop();
            model.taken++;
            dropIdle();
            return seat;
        }
    }

    private static void dropIdle() {
        long idle = LOADED.values().stream().filter(model -> model.taken == 0).count();
        var models = LOADED.values().iterator();
        while (idle > MOST_IDLE) {
            ResidentModel model = models.next();
            if (model.taken == 0) {
                model.free.forEach(seat -> seat.thread.shutdown());
                models.remove();
                idle--;
            }
        }
    }
}
