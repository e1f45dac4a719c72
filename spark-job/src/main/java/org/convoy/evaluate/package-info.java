/**
 * What a model is worth on a split of a dataset. {@link org.convoy.evaluate.Evaluate} is the job, {@link
 * org.convoy.evaluate.Evaluator} the pass over the cluster that training uses too, {@link org.convoy.evaluate.Metrics} the
 * figures.
 *
 * <p>May depend on {@code org.convoy.cli}, {@code org.convoy.repository}, {@code org.convoy.data} and {@code
 * org.convoy.model}. {@code EvaluationTask} and {@code Tally} run on executors.
 */
package org.convoy.evaluate;
