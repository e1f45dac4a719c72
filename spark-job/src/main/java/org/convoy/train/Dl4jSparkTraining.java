package org.convoy.train;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.convoy.cli.TaskNatives;
import org.convoy.model.NetworkSpec;
import org.convoy.model.StockDl4j;
import org.convoy.runtime.Phases;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * The same network on the same shards, trained by DL4J Spark's own {@code ParameterAveragingTrainingMaster}: the reference
 * for correctness and the peer for speed. Examples are counted where its workers use them, because it drops some.
 */
final class Dl4jSparkTraining implements EpochTrainer {
    private final JavaRDD<Shard> shards;
    private final NetworkSpec spec;
    private final EpochPlan plan;
    private final LongAccumulator trained;
    private final SparkDl4jMultiLayer network;

    /**
     * @param shards K partitions of one shard each, persisted; closed with this
     * @param policy what becomes of the updater's state between averagings
     * @param hooks what the workers call before and after each minibatch, beside the count
     */
    Dl4jSparkTraining(
            JavaSparkContext spark,
            JavaRDD<Shard> shards,
            NetworkSpec spec,
            EpochPlan plan,
            OptimiserStatePolicy policy,
            TrainingHook... hooks) {
        this.shards = shards;
        this.spec = spec;
        this.plan = plan;
        this.trained = spark.sc().longAccumulator("examples trained");
        List<TrainingHook> allHooks = new ArrayList<>(List.of(hooks));
        allHooks.add(new CountExamples(trained));
        ParameterAveragingTrainingMaster master = new ParameterAveragingTrainingMaster.Builder(
                        plan.workers(), plan.batchSize())
                .batchSizePerWorker(plan.batchSize())
                .averagingFrequency(plan.averagingPeriod().batches(0))
                .saveUpdater(policy == OptimiserStatePolicy.AVERAGE)
                .rddTrainingApproach(RDDTrainingApproach.Direct)
                .trainingHooks(allHooks)
                .build();
        this.network = new SparkDl4jMultiLayer(spark, StockDl4j.network(spec), master);
    }

    @Override
    public Epoch train(int epoch, List<RoundReport> done, AfterRound afterRound, Phases.Progress progress) {
        trained.reset();
        network.fit(minibatches(shards, spec, plan, epoch));
        return new Epoch(plan.examples(), trained.value(), network.getScore(), List.of());
    }

    @Override
    public State state() {
        MultiLayerNetwork reached = network.getNetwork();
        return State.of(FloatBuffer.wrap(reached.params().toFloatVector()), FloatBuffer.allocate(0));
    }

    @Override
    public void close() {
        shards.unpersist(false);
    }

    /** What {@link LocalSteps} trains in an epoch, batch for batch; each is made when it is asked for. */
    static JavaRDD<org.nd4j.linalg.dataset.DataSet> minibatches(
            JavaRDD<Shard> shards, NetworkSpec spec, EpochPlan plan, int epoch) {
        return shards.flatMap(shard -> shard.windows(epoch)).flatMap(window -> {
            TaskNatives.apply();
            return IntStream.iterate(window.first(), from -> from < window.end(), from -> from + plan.batchSize())
                    .mapToObj(from -> window.minibatch(from, Math.min(from + plan.batchSize(), window.end())))
                    .map(batch -> StockDl4j.minibatch(spec, batch.pixels(), batch.labels()))
                    .iterator();
        });
    }

    /** Counts, on the executors, the examples of each minibatch that was really fitted. */
    private static final class CountExamples implements TrainingHook {
        private static final long serialVersionUID = 1L;

        private final LongAccumulator trained;

        CountExamples(LongAccumulator trained) {
            this.trained = trained;
        }

        @Override
        public void preUpdate(DataSet minibatch, Model model) {}

        @Override
        public void postUpdate(DataSet minibatch, Model model) {
            trained.add(minibatch.numExamples());
        }

        @Override
        public void preUpdate(MultiDataSet minibatch, Model model) {}

        @Override
        public void postUpdate(MultiDataSet minibatch, Model model) {
            trained.add(minibatch.getFeatures(0).size(0));
        }
    }
}
