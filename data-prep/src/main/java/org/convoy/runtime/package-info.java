/**
 * What every Convoy job shares: strict configuration ({@link org.convoy.runtime.Settings}), named phases with progress
 * ({@link org.convoy.runtime.Phases}), the user's errors with their exit codes ({@link org.convoy.runtime.UserError}) and what keeps
 * two runs apart ({@link org.convoy.runtime.RunLock}).
 *
 * <p>It lives in data-prep because that is the lower of the two Spark modules. May depend on Spark, Hadoop, Jackson and Typesafe
 * Config alone. Runs on the driver; only {@code UserError} is also thrown on executors.
 */
package org.convoy.runtime;
