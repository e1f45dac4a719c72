package org.convoy.train;

import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.convoy.model.NetworkSpec;
import org.convoy.model.augment.Augmentation;

/** Who trains, on the same shards from the same start. */
enum Contender {
    CONVOY("Convoy") {
        @Override
        EpochTrainer trainer(JavaSparkContext spark, ShardRdd shards, NetworkSpec spec, EpochPlan plan) {
            return new AveragingLoop(
                    spark,
                    shards.toJavaRDD(),
                    spec,
                    plan,
                    Augmentation.NONE,
                    Averaging.PLAIN,
                    Optional.empty());
        }
    },
    MASTER("DL4J Spark, stock layers") {
        @Override
        EpochTrainer trainer(JavaSparkContext spark, ShardRdd shards, NetworkSpec spec, EpochPlan plan) {
            return new Dl4jSparkTraining(spark, shards.toJavaRDD(), spec, plan, OptimiserStatePolicy.AVERAGE);
        }
    },
    MASTER_WITH_FAST_LAYERS("DL4J Spark, Convoy's layers") {
        @Override
        EpochTrainer trainer(JavaSparkContext spark, ShardRdd shards, NetworkSpec spec, EpochPlan plan) {
            return new Dl4jSparkTraining(
                    spark, shards.toJavaRDD(), spec, plan, OptimiserStatePolicy.AVERAGE, new InstallFastLayers());
        }
    };

    private final String title;

    Contender(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    abstract EpochTrainer trainer(JavaSparkContext spark, ShardRdd shards, NetworkSpec spec, EpochPlan plan);
}
