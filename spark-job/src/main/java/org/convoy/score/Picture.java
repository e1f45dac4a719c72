package org.convoy.score;

import java.io.Serializable;

/**
 * A picture to be answered for.
 *
 * @param id unique in its input
 * @param label index of the true class among the model's; {@link #UNKNOWN} if nobody has said it
 * @param size of the encoded picture, in bytes
 * @param content the encoded bytes, or pixels as the model reads them (unsigned bytes, C·H·W); null if the encoded bytes are more than
 *     the decoder takes, and so were not read
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record Picture(String id, int label, long size, byte[] content) implements Serializable {
    /** The label of a picture without one. */
    public static final int UNKNOWN = -1;
}
