package org.convoy.data;

/**
 * One row of a dataset.
 *
 * @param id path of the picture relative to the input, or record key
 * @param label index of its class; -1 if unknown
 * @param weight how much it counts in training, above 0; 1 where the dataset has no weights
 * @param pixels unsigned bytes, C·H·W, R-G-B or grey; owned by the receiver
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record Example(String id, int label, float weight, byte[] pixels) {}
