/**
 * Versions of models on a Hadoop file system. {@link org.convoy.repository.ModelRepository} adds, publishes and finds them;
 * {@link org.convoy.repository.Models} is the command that shows them.
 *
 * <p>May depend on {@code org.convoy.cli}, Hadoop's file system API and {@code org.convoy.model}. Runs on the driver.
 */
package org.convoy.repository;
