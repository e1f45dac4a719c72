package org.convoy.train;

/** What the parts of the benchmark share. */
record Bench(BenchOptions options, BenchData data, BenchReport report) {}
