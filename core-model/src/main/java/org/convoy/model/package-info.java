/**
 * Networks and what is kept of them: {@link org.convoy.model.NetworkSpec} says what to train, {@link
 * org.convoy.model.Replica} is one network being trained, {@link org.convoy.model.ModelArchive} the file it becomes,
 * {@link org.convoy.model.Classifier} what answers for a picture; {@link org.convoy.model.ParentModel} is what training starts
 * from in transfer learning, {@link org.convoy.model.Ensemble} several models as one.
 *
 * <p>May depend on DL4J, ND4J and Jackson; knows neither Spark nor Hadoop. Runs on driver and executors.
 */
package org.convoy.model;
