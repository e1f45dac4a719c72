/**
 * Pictures for the demonstration, made on the spot so that it needs no download
 * ({@link org.convoy.demo.DigitPainter}).
 *
 * <p>May depend on the JDK alone. Runs on the driver.
 */
package org.convoy.demo;
