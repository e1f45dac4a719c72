package org.convoy.prepare;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class HuffmanTableTest {
    /** Codes 00, 010, 011, 100 and 101000000000: 1 bit behind no zero, 2 bits behind none, the end of the block, 8 behind three zeros, 1 behind one. */
    private static final byte[] DEFINITION = {
        0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x01, 0x02, 0x00, 0x38, 0x11
    };

    @Test
    void findsAValueWithItsCode() throws UnusualJpegException {
        HuffmanTable table = read(DEFINITION);

        assertEntry(table.lookup()[HuffmanTable.index(bits("00" + "1"))], 1, 1, 3);
        assertEntry(table.lookup()[HuffmanTable.index(bits("00" + "0"))], -1, 1, 3);
        assertEntry(table.lookup()[HuffmanTable.index(bits("010" + "10"))], 2, 1, 5);
        assertEntry(table.lookup()[HuffmanTable.index(bits("010" + "01"))], -2, 1, 5);
        assertEntry(table.lookup()[HuffmanTable.index(bits("011"))], 0, HuffmanTable.END_OF_BLOCK, 3);
        // 11 bits are just enough.
        assertEntry(table.lookup()[HuffmanTable.index(bits("100" + "10000001"))], 129, 4, 11);
    }

    @Test
    void completesWhatIsLonger() throws UnusualJpegException {
        HuffmanTable table = read(DEFINITION);
        long bits = bits("101" + "000000000" + "0");
        assertThat(table.lookup()[HuffmanTable.index(bits)]).isZero();
        assertEntry(table.complete(bits, 0), -1, 2, 13);

        byte[] tenBits = DEFINITION.clone();
        tenBits[19] = 0x0A;
        HuffmanTable longValues = read(tenBits);
        bits = bits("100" + "0000000001");
        int found = longValues.lookup()[HuffmanTable.index(bits)];
        assertThat(HuffmanTable.isWhole(found)).isFalse();
        assertEntry(longValues.complete(bits, found), -1022, 1, 13);
    }

    @Test
    void skipsSeveralCoefficientsUpToTheEndOfTheBlock() throws UnusualJpegException {
        HuffmanTable table = read(DEFINITION);

        int skip = table.skips()[HuffmanTable.index(bits("00" + "1" + "010" + "11" + "011"))];

        assertThat(HuffmanTable.skip(skip)).isEqualTo(2 + HuffmanTable.END_OF_BLOCK);
        assertThat(HuffmanTable.bits(skip)).isEqualTo(11);
    }

    /** The third one's value lies behind what is looked up. */
    @Test
    void skipsOnlyWhatIsKnown() throws UnusualJpegException {
        int skip = read(DEFINITION).skips()[HuffmanTable.index(bits("010" + "11" + "00" + "1" + "010" + "11"))];

        assertThat(HuffmanTable.skip(skip)).isEqualTo(2);
        assertThat(HuffmanTable.bits(skip)).isEqualTo(8);
    }

    @Test
    void refusesWhatIsNoTable() throws UnusualJpegException {
        assertThatThrownBy(() -> read(DEFINITION).complete(-1L, 0))
                .isInstanceOf(UnusualJpegException.class)
                .hasMessage("bits that are no Huffman code");
        byte[] full = DEFINITION.clone();
        full[0] = 2;
        assertThatThrownBy(() -> HuffmanTable.read(true, full, 0, full.length))
                .isInstanceOf(UnusualJpegException.class)
                .hasMessage("a Huffman table of 7 codes");
        assertThatThrownBy(() -> HuffmanTable.read(false, DEFINITION, 0, DEFINITION.length))
                .isInstanceOf(UnusualJpegException.class)
                .hasMessage("a first coefficient of 56 bits");
        byte[] ones = new byte[18];
        ones[0] = 2;
        assertThatThrownBy(() -> read(ones))
                .isInstanceOf(UnusualJpegException.class)
                .hasMessage("more codes of 1 bits than are allowed");
    }

    private static HuffmanTable read(byte[] definition) throws UnusualJpegException {
        return HuffmanTable.read(true, definition, 0, definition.length);
    }

    private static void assertEntry(int entry, int value, int advance, int bits) {
        assertThat(HuffmanTable.isWhole(entry)).isTrue();
        assertThat(HuffmanTable.value(entry)).isEqualTo(value);
        assertThat(HuffmanTable.advance(entry)).isEqualTo(advance);
        assertThat(HuffmanTable.bits(entry)).isEqualTo(bits);
    }

    /** The first one highest, and zeros behind. */
    private static long bits(String bits) {
        return Long.parseLong(bits, 2) << (Long.SIZE - bits.length());
    }
}
