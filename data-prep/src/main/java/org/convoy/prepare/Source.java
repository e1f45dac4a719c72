package org.convoy.prepare;

import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.Colour;
import org.convoy.data.ImageShape;
import org.convoy.data.Split;
import org.convoy.runtime.UserError;

/** Pictures with labels. Opened and checked on the driver; read on executors. */
sealed interface Source permits ImageFolder, IdxFiles {

    /**
     * Lists and checks the input.
     *
     * @throws UserError (bad input) if it is not what the configuration says it is
     */
    static Source open(Configuration hadoop, PrepareConfig config) {
        return switch (config.source()) {
            case IMAGE_FOLDER -> ImageFolder.open(hadoop, config);
            case IDX -> IdxFiles.open(hadoop, config);
        };
    }

    ImageShape shape();

    Colour colour();

    /** Class names in label order. */
    List<String> classes();

    /** How many records {@link #read} gives. */
    long pictures();

    /** The splits that the source itself makes; TRAIN only together with another. */
    Set<Split> givenSplits();

    /** One outcome per record, decoded on executors: a picture or a rejection. */
    JavaRDD<Outcome> read(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, SplitRule rule);
}
