/**
 * Convoy as a library for Spark ML: {@link org.convoy.ml.ImageClassifierModel} answers for the pictures of a {@code Dataset},
 * {@link org.convoy.ml.ImageClassifier} prepares and trains from one. Both are stages of pipelines and are saved and loaded with
 * them. Names, {@code get} and {@code set} among them, are those that Spark ML's own classes have.
 *
 * <p>May depend on every job that it calls: {@code org.convoy.score}, {@code org.convoy.prepare} and {@code org.convoy.train}; none of
 * them knows it. Runs on the driver, but for {@code RowScoring}.
 */
package org.convoy.ml;
