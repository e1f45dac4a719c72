package org.convoy.prepare;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.convoy.data.Sha256;
import org.convoy.data.Split;

/**
 * A picture as its source has it.
 *
 * @param id unique in the source
 * @param label index of its class; {@link #UNLABELLED} where nobody has said it
 * @param given the source's own split; TRAIN also if it has none
 * @param bytes size of the encoded picture
 * @param weight how much it counts in training
 * @param content the encoded bytes; null if they are more than the decoder takes, and so were not read
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record Encoded(String id, int label, Split given, float weight, long bytes, byte[] content)
        implements Serializable {

    /** The label of a picture without one. */
    public static final int UNLABELLED = -1;

    static Encoded of(String id, int label, Split given, byte[] content) {
        return new Encoded(id, label, given, 1, content.length, content);
    }

    static Encoded unread(String id, int label, Split given, long bytes) {
        return new Encoded(id, label, given, 1, bytes, null);
    }

    Encoded weighing(float other) {
        return new Encoded(id, label, given, other, bytes, content);
    }

    /** What becomes of it. */
    Outcome decoded(ImageDecoder decoder, SplitRule rule) {
        // What was not read is known by its name.
        byte[] sha256 = Sha256.of(content == null ? id.getBytes(StandardCharsets.UTF_8) : content);
        Outcome.Origin origin = new Outcome.Origin(id, label, rule.of(given, sha256), bytes, sha256, weight);
        ImageDecoder.Result result = content == null ? decoder.tooLarge(bytes) : decoder.decode(content);
        if (result instanceof ImageDecoder.Decoded decoded) {
            return new Outcome.Picture(origin, decoded.sourceWidth(), decoded.sourceHeight(), decoded.pixels());
        }
        ImageDecoder.Refused refused = (ImageDecoder.Refused) result;
        return new Outcome.Rejected(origin, refused.reason(), refused.detail());
    }
}
