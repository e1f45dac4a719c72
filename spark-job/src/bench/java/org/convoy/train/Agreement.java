package org.convoy.train;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.convoy.data.PreparedDataset;
import org.convoy.model.Labels;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Optimiser;
import org.convoy.model.Replica;
import org.convoy.model.architecture.Architecture;

/** What must hold before a clock starts: the trainers whose times are compared compute the same. */
final class Agreement {
    /** How far two results of the same steps on the same layers may lie apart, by how far they moved the parameters. */
    private static final double SAME_ARITHMETIC = 1e-5;

    /**
     * The same where layers or DL4J's own nesterov round otherwise: a unit at zero falls to one side here, to the other there.
     * The rate is low, so that this has few steps to grow.
     */
    private static final double OTHER_ROUNDING = 1e-2;

    private static final double RATE = 0.001;
    private static final List<Optimiser> OPTIMISERS =
            List.of(new Optimiser("sgd", RATE, 0), new Optimiser("nesterov", RATE, 0.9));
    private static final int ROUNDS = 5;

    private Agreement() {}

    /**
     * Trains a few rounds of one batch per worker with each contender, on the same batches from the same start: with equal
     * workers DL4J's unweighted mean is Convoy's weighted one.
     *
     * @throws IllegalStateException if one lies too far from Convoy, or does not train an example
     */
    static void ofContenders(BenchCluster cluster, PreparedDataset dataset, Architecture architecture) {
        for (Optimiser optimiser : OPTIMISERS) {
            NetworkSpec spec = BenchTraining.spec(architecture, dataset, optimiser, 1);
            float[] start = values(spec.replica().parameters());
            // An epoch of one round, so that each contender's rounds are made of the same batches.
            EpochPlan plan = new EpochPlan(
                    2 * BenchTraining.BATCH_SIZE, ROUNDS, 2, BenchTraining.BATCH_SIZE, AveragingPeriod.fixed(1), 1);
            float[] convoy = trained(Contender.CONVOY, cluster, dataset, spec, plan);
            for (Contender peer : List.of(Contender.MASTER, Contender.MASTER_WITH_FAST_LAYERS)) {
                require(
                        peer.title() + " and Convoy, " + architecture.name() + ", " + optimiser.name(),
                        distance(start, convoy, trained(peer, cluster, dataset, spec, plan)),
                        peer == Contender.MASTER_WITH_FAST_LAYERS && optimiser.name().equals("sgd")
                                ? SAME_ARITHMETIC
                                : OTHER_ROUNDING);
            }
        }
    }

    private static float[] trained(
            Contender contender, BenchCluster cluster, PreparedDataset dataset, NetworkSpec spec, EpochPlan plan) {
        String title = "Checking " + contender.title();
        ShardRdd shards = ShardLoader.shards(cluster.spark(), dataset, plan);
        try (EpochTrainer trainer = contender.trainer(cluster.spark(), shards, spec, plan)) {
            for (int epoch = 0; epoch < ROUNDS; epoch++) {
                EpochTrainer.Epoch done = BenchTraining.epoch(cluster, title, trainer, epoch);
                if (done.trained() != done.planned()) {
                    throw new IllegalStateException(
                            title + ": must train " + done.planned() + " examples but trained " + done.trained());
                }
            }
            return values(trainer.state().parameters());
        }
    }

    /**
     * One round of the loop against the same steps on this thread, without Spark.
     *
     * @param reached by the loop's first round
     * @throws IllegalStateException if they lie too far apart
     */
    static void ofFirstRound(NetworkSpec spec, EpochPlan plan, ShardRdd shards, FloatBuffer reached) {
        Replica replica = spec.replica();
        float[] start = values(replica.parameters());
        EpochPlan.Round first = plan.rounds(0).get(0);
        List<List<Block>> batches = batches(shards, plan);
        double[] sum = new double[start.length];
        for (int worker = 0; worker < plan.workers(); worker++) {
            replica.load(FloatBuffer.wrap(start), FloatBuffer.allocate(0), 0);
            int trained = 0;
            for (Block batch : batches.get(worker)) {
                double rate = spec.optimiser().rate(plan.progress(worker, 0, trained));
                replica.fit(batch.pixels(), Labels.of(batch.labels()), rate);
                trained += batch.labels().length;
            }
            FloatBuffer parameters = replica.parameters();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += (double) trained * parameters.get(i);
            }
        }
        float[] mean = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            mean[i] = (float) (sum[i] / plan.examplesIn(first));
        }
        require(
                "The loop's first round and the same steps without Spark",
                distance(start, mean, values(reached)),
                SAME_ARITHMETIC);
    }

    /** What each worker trains in the first round, batch for batch. */
    static List<List<Block>> batches(ShardRdd shards, EpochPlan plan) {
        EpochPlan.Round first = plan.rounds(0).get(0);
        return shards.toJavaRDD().map(shard -> batches(shard, first)).collect();
    }

    /** What a worker trains in the first round, batch for batch: blocks, because they can travel. */
    private static List<Block> batches(Shard shard, EpochPlan.Round first) {
        ExampleOrder order = shard.order();
        int batchSize = order.plan().batchSize();
        int to = order.plan().lastPosition(shard.worker(), first);
        List<Block> batches = new ArrayList<>();
        for (int number = 0; order.firstPosition(shard.worker(), number) < to; number++) {
            Window window = shard.window(first.epoch(), number);
            int end = Math.min(window.end(), to);
            for (int from = window.first(); from < end; from += batchSize) {
                Window.Minibatch batch = window.minibatch(from, Math.min(from + batchSize, end));
                batches.add(new Block(batch.labels().first(), batch.pixels()));
            }
        }
        return batches;
    }

    private static float[] values(FloatBuffer buffer) {
        float[] values = new float[buffer.remaining()];
        buffer.duplicate().get(values);
        return values;
    }

    /** ‖a - b‖ / ‖a - start‖, Euclidean. */
    static double distance(float[] start, float[] a, float[] b) {
        double apart = 0;
        double moved = 0;
        for (int i = 0; i < start.length; i++) {
            apart += Math.pow((double) a[i] - b[i], 2);
            moved += Math.pow((double) a[i] - start[i], 2);
        }
        return Math.sqrt(apart / moved);
    }

    private static void require(String what, double distance, double tolerance) {
        System.out.printf(
                Locale.ROOT, "%s: %.1e of the way apart (at most %.0e is allowed)%n", what, distance, tolerance);
        // Not a number where nothing moved at all.
        if (!(distance <= tolerance)) {
            throw new IllegalStateException(
                    what + " must agree within " + tolerance + " but lie " + distance + " apart");
        }
    }
}
