package org.convoy.prepare;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A limit on the time for one picture. Native code cannot be interrupted: a picture that takes too long is given up, and its thread
 * runs on beside the next ones until it is done or the process ends.
 */
final class TimeLimit {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "picture decoding");
        thread.setDaemon(true);
        return thread;
    });

    private TimeLimit() {}

    /**
     * The result of {@code decoding}.
     *
     * @throws BadPictureException {@link Reason#TOO_SLOW} after {@code seconds}, or whatever {@code decoding} throws
     */
    static <T> T within(long seconds, Callable<T> decoding) throws BadPictureException {
        Future<T> result = THREADS.submit(decoding);
        try {
            return result.get(seconds, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new BadPictureException(Reason.TOO_SLOW, "not decoded after " + seconds + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The task was stopped while it decoded a picture", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BadPictureException refused) {
                throw refused;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("Cannot decode: " + e.getCause().getMessage(), e.getCause());
        }
    }
}
