package org.convoy.prepare;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Huffman table of a JPEG (ITU-T T.81, annexes C and F). A code and the bits behind it, which say a coefficient's value, are mostly
 * looked up together.
 *
 * <p>What is found is an entry, an int: the coefficient's value in its upper half, by how many coefficients to go on in bits 8 to 15,
 * and the bits it took in the lowest 6, where a shift by the entry sees them. Where the value is not among the bits that were looked up
 * it goes on by 0 coefficients, and has the code's symbol in its upper half; 0 stands for a code that is longer yet.
 */
final class HuffmanTable {
    /** By how many coefficients a block's end goes on: behind it none comes that a run of zeros could have gone on to. */
    static final int END_OF_BLOCK = 129;

    private static final int LOOKUP_BITS = 11;
    private static final int LONGEST_CODE = 16;
    private static final int MOST_CODES = 256;
    private static final int LARGEST_SIZE = 15;
    private static final int RUN_OF_SIXTEEN = 0xF0;

    private static final int VALUE_SHIFT = 16;
    private static final int ADVANCE_SHIFT = 8;
    private static final int ADVANCE = 0xFF00;
    private static final int BITS = 0x3F;

    /** Where several codes together go on by so many coefficients no other is added: it would look like the end of a block. */
    private static final int LONG_SKIP = 48;

    /** Most pictures of a dataset have the same few tables. */
    private static final int MOST_KEPT = 64;

    private static final Map<Key, HuffmanTable> KEPT = new ConcurrentHashMap<>();

    private final boolean ac;
    /** Bytes of the definition. */
    private final int length;

    private final int[] lookup = new int[1 << LOOKUP_BITS];
    /** Symbols and bits of the codes that are longer, by their first 16 bits, from the first such code on. */
    private final int[] longCodes;

    /** None until they are asked for. */
    private volatile int[] skips = {};

    private record Key(boolean ac, ByteBuffer definition) {}

    private HuffmanTable(boolean ac, ByteBuffer definition) throws UnusualJpegException {
        this.ac = ac;
        this.length = definition.limit();
        int[] longer = {};
        int code = 0;
        int at = LONGEST_CODE;
        for (int bits = 1; bits <= LONGEST_CODE; bits++) {
            int codes = definition.get(bits - 1) & 0xFF;
            if (code + codes >= 1 << bits) { // of ones alone there is none
                throw new UnusualJpegException("more codes of " + bits + " bits than are allowed");
            }
            int behind = LONGEST_CODE - bits;
            if (bits == LOOKUP_BITS + 1) {
                longer = new int[(1 << LONGEST_CODE) - (code << behind)];
            }
            for (int end = code + codes; code < end; code++) {
                int symbol = definition.get(at) & 0xFF;
                at++;
                if (!ac && symbol > LARGEST_SIZE) {
                    throw new UnusualJpegException("a first coefficient of " + symbol + " bits");
                }
                if (bits <= LOOKUP_BITS) {
                    fillLookup(code << (LOOKUP_BITS - bits), bits, symbol);
                } else {
                    int from = (code << behind) + longer.length - (1 << LONGEST_CODE);
                    Arrays.fill(longer, from, from + (1 << behind), symbol << VALUE_SHIFT | bits);
                }
            }
            code <<= 1;
        }
        this.longCodes = longer;
    }

    /**
     * Reads a table, or finds it where it was read before.
     *
     * @param ac whether of coefficients with runs of zeros before them, or of a block's first one
     * @param at where the numbers of codes stand, by their bits; the codes' symbols come behind
     * @param end of the segment
     */
    static HuffmanTable read(boolean ac, byte[] bytes, int at, int end) throws UnusualJpegException {
        int codes = 0;
        for (int i = at; i < at + LONGEST_CODE; i++) {
            codes += bytes[i] & 0xFF;
        }
        int length = LONGEST_CODE + codes;
        if (codes > MOST_CODES || length > end - at) {
            throw new UnusualJpegException("a Huffman table of " + codes + " codes");
        }
        HuffmanTable kept =
                KEPT.get(new Key(ac, ByteBuffer.wrap(bytes, at, length).slice()));
        if (kept != null) {
            return kept;
        }
        ByteBuffer definition = ByteBuffer.wrap(Arrays.copyOfRange(bytes, at, at + length));
        HuffmanTable table = new HuffmanTable(ac, definition);
        if (KEPT.size() >= MOST_KEPT) {
            KEPT.clear();
        }
        KEPT.put(new Key(ac, definition), table);
        return table;
    }

    /** Bytes of the definition. */
    int length() {
        return length;
    }

    /** Entries, by {@link #index}. */
    int[] lookup() {
        return lookup;
    }

    /**
     * Entries of as many coefficients together as can be told from the bits, up to the end of the block, by {@link #index}: without
     * values, so that what they go on by has 24 bits; 0 where not even one can be told.
     */
    int[] skips() {
        if (skips.length == 0) {
            skips = skipsOf(lookup);
        }
        return skips;
    }

    /**
     * Where the entry for these bits stands.
     *
     * @param bits the next ones, the first one highest
     */
    static int index(long bits) {
        return (int) (bits >>> (Long.SIZE - LOOKUP_BITS));
    }

    static boolean isWhole(int entry) {
        return (entry & ADVANCE) != 0;
    }

    static int value(int entry) {
        return entry >> VALUE_SHIFT;
    }

    static int advance(int entry) {
        return (entry & ADVANCE) >> ADVANCE_SHIFT;
    }

    /** What one of {@link #skips} goes on by. */
    static int skip(int entry) {
        return entry >> ADVANCE_SHIFT;
    }

    static int bits(int entry) {
        return entry & BITS;
    }

    /**
     * The whole entry for bits of which {@link #lookup} has no whole one.
     *
     * @param bits the next ones, the first one highest; it may take 31
     * @param found what {@link #lookup} has
     * @throws UnusualJpegException if no code begins like that
     */
    int complete(long bits, int found) throws UnusualJpegException {
        int code = found;
        if (code == 0) {
            code = longCodes[(int) (bits >>> (Long.SIZE - LONGEST_CODE)) + longCodes.length - (1 << LONGEST_CODE)];
            if (code == 0) {
                throw new UnusualJpegException("bits that are no Huffman code");
            }
        }
        int symbol = code >>> VALUE_SHIFT;
        int size = size(symbol);
        return entry(symbol, bits(code), size == 0 ? 0 : (int) ((bits << code) >>> (Long.SIZE - size)));
    }

    private void fillLookup(int from, int bits, int symbol) {
        int behind = LOOKUP_BITS - bits;
        int behindValue = behind - size(symbol);
        for (int i = 0; i < 1 << behind; i++) {
            lookup[from + i] = behindValue < 0 ? symbol << VALUE_SHIFT | bits : entry(symbol, bits, i >> behindValue);
        }
    }

    /** The entry for a code that is followed by the bits of its value. */
    private int entry(int symbol, int bits, int valueBits) {
        int size = size(symbol);
        int advance = 1;
        if (ac) {
            advance = size > 0 || symbol == RUN_OF_SIXTEEN ? (symbol >> 4) + 1 : END_OF_BLOCK;
        }
        return extended(valueBits, size) << VALUE_SHIFT | advance << ADVANCE_SHIFT | (bits + size);
    }

    /** Bits of the value behind the code. */
    private static int size(int symbol) {
        return symbol & LARGEST_SIZE;
    }

    /** Values whose first bit is 0 are negative (F.2.2.1, EXTEND). */
    private static int extended(int bits, int size) {
        return size > 0 && bits >> (size - 1) == 0 ? bits - (1 << size) + 1 : bits;
    }

    private static int[] skipsOf(int[] lookup) {
        int[] skips = new int[lookup.length];
        for (int window = 0; window < skips.length; window++) {
            int used = 0;
            int advance = 0;
            while (advance < LONG_SKIP) {
                int entry = lookup[(window << used) % lookup.length];
                // What lies behind the window is not known to be 0.
                if (!isWhole(entry) || used + bits(entry) > LOOKUP_BITS) {
                    break;
                }
                used += bits(entry);
                advance += advance(entry);
            }
            skips[window] = advance << ADVANCE_SHIFT | used;
        }
        return skips;
    }
}
