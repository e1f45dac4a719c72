/**
 * DL4J's layers for images, computed by oneDNN, or with the native operations of ND4J where that does not compute. {@link
 * org.convoy.model.layer.FastLayers} puts them into a network in place of DL4J's own; configuration, parameter layout and
 * archives stay DL4J's, so stock DL4J opens whatever was trained with them.
 *
 * <p>Memory order: activations between these layers are contiguous as [N, H, W, C], which the native convolutions want,
 * and are handed on as views of the shape that the configuration states. Stock layers take such views too.
 *
 * <p>May depend on DL4J, ND4J and oneDNN. Runs on driver and executors.
 */
package org.convoy.model.layer;
