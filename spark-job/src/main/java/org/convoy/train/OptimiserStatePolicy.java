package org.convoy.train;

/** What becomes of the optimiser's state (momentum, Adam's moments) when workers are averaged. */
enum OptimiserStatePolicy {
    /** Averaged like the parameters, behind which it travels. */
    AVERAGE,
    /** Every round starts with none. */
    RESET,
    /**
     * Each worker keeps its own, and nothing travels. A worker that is built anew, because its executor was lost or the run was
     * resumed, starts with none.
     */
    LOCAL
}
