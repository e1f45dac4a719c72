package org.convoy.model.architecture;

import java.util.Optional;

/**
 * A convolution as {@link Activations} adds it.
 *
 * @param outputs number of filters, the width multiplier applied
 * @param groups parts of the channels that are convolved each by itself
 * @param activation what follows; empty for nothing
 * @param batchNorm whether batch norm comes between the two
 */
record Convolution(int outputs, Window window, int groups, Optional<Nonlinearity> activation, boolean batchNorm) {}
