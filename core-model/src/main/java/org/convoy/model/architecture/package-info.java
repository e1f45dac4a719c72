/**
 * The networks that Convoy knows by name, and the blocks they are made of. Entry class: {@link
 * org.convoy.model.architecture.Architecture}; each network is one file, which reads like the table in its paper. Depends on
 * DL4J's configuration classes alone; nothing here allocates parameters. Runs on driver and executors.
 */
package org.convoy.model.architecture;
