/**
 * Native settings of the numerical libraries: which native build of ND4J runs, how many threads it uses, how much memory
 * it may take off the heap. {@link org.convoy.model.engine.NativeSettings} decides all of them, for this process and for
 * those it starts; {@link org.convoy.model.engine.SpeedProbe} sees whether they took hold.
 *
 * <p>May depend on JNA and ND4J. Runs on driver and executors.
 */
package org.convoy.model.engine;
