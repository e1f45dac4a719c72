/**
 * Versions of models on a Hadoop file system. {@link org.convoy.repository.ModelRepository} adds, finds, publishes and prunes
 * them; {@link org.convoy.repository.Models} is the command for it.
 *
 * <p>May depend on {@code org.convoy.cli}, {@code org.convoy.runtime}, Hadoop's file system API and {@code org.convoy.model}. Runs on the driver.
 */
package org.convoy.repository;
