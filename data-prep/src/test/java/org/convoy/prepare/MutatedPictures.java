package org.convoy.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.convoy.data.Colour;

/**
 * Decodes damaged pictures of every format, in a process of its own: the native libraries say of most of them what is wrong, and
 * one that killed the process would take the tests with it.
 */
final class MutatedPictures {
    static final int COUNT = 20_000;

    private static final int MOST_CHANGED_BYTES = 8;

    private MutatedPictures() {}

    public static void main(String[] args) {
        List<byte[]> sound = new ArrayList<>();
        Pictures.REFERENCES.forEach(name -> sound.add(Pictures.reference(name)));
        // Larger than the JPEGs that are left to OpenCV.
        sound.add(Pictures.reference("large.jpg"));
        ImageDecoder decoder = LocalSpark.decoder(Colour.RGB, 16, 16);
        Random random = new Random(1);
        Map<String, Integer> results = new TreeMap<>();
        for (int i = 0; i < COUNT; i++) {
            byte[] damaged = sound.get(i % sound.size()).clone();
            damage(damaged, random);
            ImageDecoder.Result result = decoder.decode(damaged);
            results.merge(
                    result instanceof ImageDecoder.Refused refused
                            ? refused.reason().code()
                            : "decoded",
                    1,
                    Integer::sum);
        }
        System.out.println(results);
    }

    /** Half of the changes fall into the first 200 bytes, where headers are. */
    private static void damage(byte[] bytes, Random random) {
        int changes = 1 + random.nextInt(MOST_CHANGED_BYTES);
        for (int i = 0; i < changes; i++) {
            int range = random.nextBoolean() ? Math.min(200, bytes.length) : bytes.length;
            bytes[random.nextInt(range)] = (byte) random.nextInt();
        }
    }
}
