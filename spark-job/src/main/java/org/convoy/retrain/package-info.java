/**
 * Scheduled retraining: new data and the current model to a candidate that is published or kept back. {@link
 * org.convoy.retrain.Retrain} is the command, {@code Cycle} one run of it from step to step, {@code Journal} what a run that was
 * killed is taken up by, {@code Gates} what decides.
 *
 * <p>May depend on {@code org.convoy.cli}, {@code org.convoy.prepare}, {@code org.convoy.train}, {@code org.convoy.evaluate}, {@code
 * org.convoy.repository} and {@code org.convoy.report}. Runs on the driver.
 */
package org.convoy.retrain;
