package org.convoy.model;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.convoy.model.layer.ObservingPass.ChannelStatistics;

/**
 * First and second moments of what came to a network's batch norm layers, per channel and over all batches that were
 * observed. Sums are float64; adding in the same order gives the same bits.
 */
public final class ObservedStatistics implements Serializable {
    private static final long serialVersionUID = 1L;

    private final long examples;
    /** Σ N·mean. */
    private final double[] first;
    /** Σ N·(variance + mean²). */
    private final double[] second;

    private ObservedStatistics(long examples, double[] first, double[] second) {
        this.examples = examples;
        this.first = first;
        this.second = second;
    }

    /**
     * Nothing observed yet.
     *
     * @param channels as {@link RunningStatistics#channels()} counts them
     */
    public static ObservedStatistics none(int channels) {
        return new ObservedStatistics(0, new double[channels], new double[channels]);
    }

    /** One batch of N examples; N weighs as the number of values does, because a layer's H and W are always the same. */
    static ObservedStatistics of(int N, List<ChannelStatistics> channels) {
        ObservedStatistics batch = new ObservedStatistics(N, new double[channels.size()], new double[channels.size()]);
        for (int c = 0; c < channels.size(); c++) {
            double mean = channels.get(c).mean();
            batch.first[c] = N * mean;
            batch.second[c] = N * (channels.get(c).variance() + mean * mean);
        }
        return batch;
    }

    /** Both together. */
    public ObservedStatistics plus(ObservedStatistics other) {
        if (other.channels() != channels()) {
            throw new IllegalArgumentException(
                    "statistics must have " + channels() + " channels but had " + other.channels());
        }
        ObservedStatistics sum = new ObservedStatistics(
                examples + other.examples, Arrays.copyOf(first, channels()), Arrays.copyOf(second, channels()));
        for (int c = 0; c < channels(); c++) {
            sum.first[c] += other.first[c];
            sum.second[c] += other.second[c];
        }
        return sum;
    }

    /** How many examples were observed. */
    public long examples() {
        return examples;
    }

    int channels() {
        return first.length;
    }

    double mean(int channel) {
        return first[channel] / examples;
    }

    /** Divided by the number of values, as DL4J's is. */
    double variance(int channel) {
        return second[channel] / examples - mean(channel) * mean(channel);
    }
}
