package org.convoy.prepare;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The coefficients of a JPEG's scan, block after block (ITU-T T.81, annex F.2). */
final class JpegScan {
    /** Of an array, from any byte on; the first is the highest. */
    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final long LOWEST_BITS = 0x0101010101010101L;
    private static final long HIGHEST_BITS = 0x8080808080808080L;

    /** Where a block's coefficients go, by their order in the file: row * 8 + column. Behind the last one a run may end. */
    private static final int[] PLACES = places();

    private final byte[] bytes;
    private final int restartInterval;
    private final int[] predictions;
    private int at;
    /** The next bits, the first one highest. */
    private long bits;
    /** How many there are. */
    private int count;
    /** How many of all were made up, behind the data. */
    private int madeUp;

    private int restarts;
    /** Since the last restart. */
    private int groups;

    JpegScan(byte[] bytes, JpegFrame frame) {
        this.bytes = bytes;
        this.restartInterval = frame.restartInterval();
        this.predictions = new int[frame.components().length];
        this.at = frame.scan();
    }

    private static int[] places() {
        int[] places = new int[2 * HuffmanTable.END_OF_BLOCK];
        int known = 0;
        for (int diagonal = 0; diagonal < 15; diagonal++) {
            for (int i = Math.max(0, diagonal - 7); i <= Math.min(7, diagonal); i++) {
                int row = diagonal % 2 == 0 ? diagonal - i : i;
                places[known++] = row * 8 + diagonal - row;
            }
        }
        while (known < places.length) {
            places[known++] = JpegFrame.BLOCK - 1;
        }
        return places;
    }

    /** To be called before each group of blocks. */
    void beginGroup() throws UnusualJpegException {
        if (restartInterval > 0 && groups == restartInterval) {
            restart();
        }
        groups++;
    }

    /**
     * Reads a block.
     *
     * <p>56 bits are enough for four entries that are looked up, or for any one. The four are not a loop: what the JIT compiler makes of
     * one is slower in some processes than in others.
     *
     * @param index which component's
     * @param coefficients [64, lanes], zero there
     */
    void readBlock(JpegFrame.Component component, int index, int[][] coefficients, int lane)
            throws UnusualJpegException {
        refill();
        coefficients[0][lane] = readFirst(component, index);
        int[] quantisation = component.quantisation();
        int[] lookup = component.ac().lookup();
        long next = bits;
        int left = count;
        int k = 1;
        while (k < JpegFrame.BLOCK) {
            bits = next;
            count = left;
            refill();
            next = bits;
            left = count;
            int entry = lookup[HuffmanTable.index(next)];
            if (!HuffmanTable.isWhole(entry)) {
                entry = component.ac().complete(next, entry);
                next <<= entry;
                left -= HuffmanTable.bits(entry);
                k += HuffmanTable.advance(entry);
                store(entry, k, quantisation, coefficients, lane);
                continue;
            }
            next <<= entry;
            left -= HuffmanTable.bits(entry);
            k += HuffmanTable.advance(entry);
            store(entry, k, quantisation, coefficients, lane);
            if (k >= JpegFrame.BLOCK) {
                break;
            }
            entry = lookup[HuffmanTable.index(next)];
            if (!HuffmanTable.isWhole(entry)) {
                continue;
            }
            next <<= entry;
            left -= HuffmanTable.bits(entry);
            k += HuffmanTable.advance(entry);
            store(entry, k, quantisation, coefficients, lane);
            if (k >= JpegFrame.BLOCK) {
                break;
            }
            entry = lookup[HuffmanTable.index(next)];
            if (!HuffmanTable.isWhole(entry)) {
                continue;
            }
            next <<= entry;
            left -= HuffmanTable.bits(entry);
            k += HuffmanTable.advance(entry);
            store(entry, k, quantisation, coefficients, lane);
            if (k >= JpegFrame.BLOCK) {
                break;
            }
            entry = lookup[HuffmanTable.index(next)];
            if (!HuffmanTable.isWhole(entry)) {
                continue;
            }
            next <<= entry;
            left -= HuffmanTable.bits(entry);
            k += HuffmanTable.advance(entry);
            store(entry, k, quantisation, coefficients, lane);
        }
        bits = next;
        count = left;
        checkEnd(k);
    }

    /**
     * @param k behind the coefficient
     */
    private static void store(int entry, int k, int[] quantisation, int[][] coefficients, int lane) {
        coefficients[PLACES[k - 1]][lane] = HuffmanTable.value(entry) * quantisation[(k - 1) % JpegFrame.BLOCK];
    }

    /**
     * Reads a block of which only the mean is wanted: several coefficients at once. 56 bits are enough for any entry and two more that are
     * looked up.
     */
    void readFirstOfBlock(JpegFrame.Component component, int index, int[][] coefficients, int lane)
            throws UnusualJpegException {
        refill();
        coefficients[0][lane] = readFirst(component, index);
        int[] skips = component.ac().skips();
        int[] lookup = component.ac().lookup();
        long next = bits;
        int left = count;
        int k = 1;
        while (k < JpegFrame.BLOCK) {
            bits = next;
            count = left;
            refill();
            next = bits;
            left = count;
            int entry = skips[HuffmanTable.index(next)];
            int behind = k + HuffmanTable.skip(entry);
            if (entry == 0 || !isWithinBlock(behind)) {
                entry = lookup[HuffmanTable.index(next)];
                if (!HuffmanTable.isWhole(entry)) {
                    entry = component.ac().complete(next, entry);
                }
                behind = k + HuffmanTable.advance(entry);
            }
            next <<= entry;
            left -= HuffmanTable.bits(entry);
            k = behind;
            if (k >= JpegFrame.BLOCK) {
                break;
            }
            entry = skips[HuffmanTable.index(next)];
            behind = k + HuffmanTable.skip(entry);
            if (entry == 0 || !isWithinBlock(behind)) {
                continue;
            }
            next <<= entry;
            left -= HuffmanTable.bits(entry);
            k = behind;
            if (k >= JpegFrame.BLOCK) {
                break;
            }
            entry = skips[HuffmanTable.index(next)];
            behind = k + HuffmanTable.skip(entry);
            if (entry == 0 || !isWithinBlock(behind)) {
                continue;
            }
            next <<= entry;
            left -= HuffmanTable.bits(entry);
            k = behind;
        }
        bits = next;
        count = left;
        checkEnd(k);
    }

    /** Whether all of an entry belongs to the block: up to its last coefficient, or to its end, which adds 129 to at most 63. */
    private static boolean isWithinBlock(int behind) {
        return ((behind - 1) & 0x7F) < JpegFrame.BLOCK;
    }

    private static void checkEnd(int k) throws UnusualJpegException {
        if (k > JpegFrame.BLOCK && k < HuffmanTable.END_OF_BLOCK) {
            throw new UnusualJpegException("a block with more coefficients than there are");
        }
    }

    /** The first coefficient, which is given as the difference from the block before. */
    private int readFirst(JpegFrame.Component component, int index) throws UnusualJpegException {
        HuffmanTable table = component.dc();
        int entry = table.lookup()[HuffmanTable.index(bits)];
        if (!HuffmanTable.isWhole(entry)) {
            entry = table.complete(bits, entry);
        }
        bits <<= entry;
        count -= HuffmanTable.bits(entry);
        predictions[index] += HuffmanTable.value(entry);
        return predictions[index] * component.quantisation()[0];
    }

    /** Makes at least 56 bits be there. Behind them may be some of those that come next. */
    private void refill() {
        if (at + Long.BYTES <= bytes.length) {
            long eight = (long) EIGHT_BYTES.get(bytes, at);
            // No byte is 0xFF.
            if (((~eight - LOWEST_BITS) & eight & HIGHEST_BITS) == 0) {
                bits |= eight >>> count;
                at += (63 - count) >> 3;
                count |= 56;
                return;
            }
        }
        while (count <= 56) {
            int value = 0;
            if (!isMarker()) {
                value = bytes[at] & 0xFF;
                at += value == 0xFF ? 2 : 1; // a 0 stands behind 0xFF, to tell it from a marker
            } else {
                madeUp += 8;
            }
            bits |= (long) value << (56 - count);
            count += 8;
        }
    }

    /** Whether the data, or the bytes, end here. */
    private boolean isMarker() {
        return at >= bytes.length || ((bytes[at] & 0xFF) == 0xFF && (at + 1 == bytes.length || bytes[at + 1] != 0));
    }

    private void restart() throws UnusualJpegException {
        checkData();
        int expected = JpegMarkers.FIRST_RESTART + (restarts & 7);
        if (count - madeUp >= 8 || !isMarker() || at + 1 >= bytes.length || (bytes[at + 1] & 0xFF) != expected) {
            throw new UnusualJpegException("no restart marker where one should be");
        }
        restarts++;
        groups = 0;
        at += 2;
        bits = 0;
        count = 0;
        madeUp = 0;
        Arrays.fill(predictions, 0);
    }

    /** Checks that there was data for everything until now. */
    void checkData() throws UnusualJpegException {
        if (madeUp > count) {
            throw new UnusualJpegException("data ends within the scan");
        }
    }
}
