package org.convoy.train;

import java.nio.FloatBuffer;

/**
 * What the driver makes of the workers' mean θ̄: the step from θ_r to θ_{r+1}. With Δ = θ̄ - θ_r and a velocity v that starts at
 * zero:
 *
 * <pre>
 * v ← μ v + Δ
 * θ_{r+1} = θ_r + α v              (heavy ball: BMUF, SlowMo)
 * θ_{r+1} = θ_r + α (Δ + μ v)      (Nesterov: DiLoCo)
 * </pre>
 *
 * The optimiser's state is averaged as it is, and takes no outer step.
 */
enum OuterStep {
    /** θ_{r+1} = θ̄. */
    PLAIN {
        @Override
        double momentum(int workers) {
            return 0;
        }
    },

    /** Blockwise model-update filtering (Chen and Huo 2016): α = 1, and μ = 1 - 1/K, which makes up for averaging K steps. */
    BMUF {
        @Override
        double momentum(int workers) {
            return 1 - 1.0 / workers;
        }
    },

    /** Slow momentum (Wang et al. 2020) at a constant inner rate: α = 1, μ = 0.7. */
    SLOWMO {
        @Override
        double momentum(int workers) {
            return 0.7;
        }
    },

    /** DiLoCo's outer optimiser (Douillard et al. 2023): Nesterov's momentum with α = 0.7, μ = 0.9. */
    DILOCO {
        @Override
        double momentum(int workers) {
            return 0.9;
        }

        @Override
        double rate() {
            return 0.7;
        }

        @Override
        boolean looksAhead() {
            return true;
        }
    };

    abstract double momentum(int workers);

    double rate() {
        return 1;
    }

    boolean looksAhead() {
        return false;
    }

    /**
     * The next state.
     *
     * @param start θ_r, with its velocity
     * @param mean θ̄ and the mean optimiser state, raw float32; used up
     */
    State apply(State start, byte[] mean, int workers) {
        if (this == PLAIN) {
            return new State(mean, start.parameterCount(), new float[0]);
        }
        double momentum = momentum(workers);
        float[] velocity = new float[start.parameterCount()];
        FloatBuffer from = start.parameters();
        FloatBuffer to = FloatBytes.view(mean);
        for (int i = 0; i < velocity.length; i++) {
            double before = start.velocity().length == 0 ? 0 : start.velocity()[i];
            double change = (double) to.get(i) - from.get(i);
            double now = momentum * before + change;
            velocity[i] = (float) now;
            to.put(i, (float) (from.get(i) + rate() * (looksAhead() ? change + momentum * now : now)));
        }
        return new State(mean, start.parameterCount(), velocity);
    }
}
