/**
 * The engine benchmark: stock DL4J, DL4J with Convoy's layers, and libtorch train and apply the same networks on the same
 * images from the same weights. {@link org.convoy.model.bench.EngineBench} starts one process per peer, lets them take
 * turns, and prints one table. {@link org.convoy.model.bench.LibtorchScoring} is a peer of the benchmark of scoring.
 *
 * <p>May depend on the engine and, here alone, on DJL. Runs by {@code bin/bench engine}.
 */
package org.convoy.model.bench;
