package org.convoy.train;

/** What becomes of the optimiser's state (momentum, Adam's moments) when workers are averaged. */
enum OptimiserStatePolicy {
    /** Averaged like the parameters. */
    AVERAGE,
    /** Every round starts with none. */
    RESET
}
