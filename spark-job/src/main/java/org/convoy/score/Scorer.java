package org.convoy.score;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.TaskCompletionListener;
import org.convoy.cli.TaskGpu;
import org.convoy.cli.TaskNatives;
import org.convoy.data.Sha256;
import org.convoy.model.ModelArchive;
import org.convoy.prepare.ImageDecoder;

/**
 * Turns pictures into answers, in a task on an executor. Made on the driver:
 *
 * <pre>
 * Scorer scorer = Scorer.of(spark, model, batchSize).decoding(decoder);
 * pictures.mapPartitions(scorer::answers)
 * scorer.destroy();                                 // when the last task is done
 * </pre>
 *
 * <ul>
 *   <li>One answer for each picture, in their order; a picture that cannot be decoded has an {@link Answer#error()}.
 *   <li>The task's thread reads and decodes the next batches while another thread has the network compute; who takes the answers does so
 *       meanwhile, too. A task holds five batches of pictures at most, however many it is given.
 *   <li>The model reaches each executor once, as a broadcast, and is loaded once in the life of its process, per GPU where Spark
 *       gives tasks some: {@link ResidentModel}. Tasks that run side by side share its parameters.
 *   <li>The same pictures in the same order give the same answers bit for bit on the same kind of processor.
 * </ul>
 *
 * <p>On the wire: the archive as a broadcast, the rest with the task.
 */
public final class Scorer implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Broadcast<byte[]> archive;
    private final String digest;
    private final int batchSize;
    private final ImageDecoder decoder; // null: pictures hold pixels
    private final String embeddingLayer; // "" for none

    private Scorer(
            Broadcast<byte[]> archive, String digest, int batchSize, ImageDecoder decoder, String embeddingLayer) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize must be at least 1 but was " + batchSize);
        }
        this.archive = archive;
        this.digest = digest;
        this.batchSize = batchSize;
        this.decoder = decoder;
        this.embeddingLayer = embeddingLayer;
    }

    /**
     * For pictures whose content is pixels as the model reads them: unsigned bytes, C·H·W.
     *
     * @param batchSize pictures that the network computes at once
     */
    public static Scorer of(JavaSparkContext spark, ModelArchive model, int batchSize) {
        return new Scorer(spark.broadcast(model.zip()), Sha256.hex(Sha256.of(model.zip())), batchSize, null, "");
    }

    /** For pictures whose content is encoded; the decoder must give the model's shape. */
    public Scorer decoding(ImageDecoder by) {
        return new Scorer(archive, digest, batchSize, by, embeddingLayer);
    }

    /**
     * Answers with what a layer gives, too.
     *
     * @param layer one of {@code Classifier.plan()}'s
     */
    public Scorer embedding(String layer) {
        return new Scorer(archive, digest, batchSize, decoder, layer);
    }

    /** SHA-256 of the model's archive, hexadecimal. */
    public String digest() {
        return digest;
    }

    /** Takes the archive back from the executors; models that are loaded stay. */
    public void destroy() {
        archive.destroy();
    }

    /**
     * One answer for each picture, in their order. In a Spark task what it holds is given back when the task ends; elsewhere it must be
     * closed, unless the last answer was taken.
     */
    public Answers answers(Iterator<Picture> pictures) {
        Answers answers = answersInParts(List.of(pictures).iterator());
        answers.nextPart();
        return answers;
    }

    /** The same for pictures in parts, the answers of each of which are the same whatever parts are beside it. */
    Answers answersInParts(Iterator<Iterator<Picture>> parts) {
        TaskNatives.apply();
        Answers answers = new Answers(
                parts,
                decoder,
                embeddingLayer,
                batchSize,
                ResidentModel.seat(digest, TaskGpu.address().orElse(""), archive::value));
        TaskContext task = TaskContext.get();
        if (task != null) {
            task.addTaskCompletionListener((TaskCompletionListener) ended -> answers.close());
        }
        return answers;
    }
}
