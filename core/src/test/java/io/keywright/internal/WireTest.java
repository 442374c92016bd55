package io.keywright.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {
    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static WireReader reader(String text) {
        return new WireReader("test", hex(text));
    }

    @Nested
    class ReadUint32 {
        @Test
        void readUint32_allOnes_isPositive() {
            assertThat(reader("ffffffff").readUint32("n")).isEqualTo(0xffffffffL);
        }

        @Test
        void readUint32_threeBytes_namesFormatAndField() {
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> reader("ffffff").readUint32("count"))
                    .withMessage("test, count: 4 bytes needed, 3 left")
                    .satisfies(e -> assertThat(e.format()).isEqualTo("test"))
                    .satisfies(e -> assertThat(e.where()).isEqualTo("count"));
        }
    }

    @Nested
    class ReadString {
        @ParameterizedTest
        @ValueSource(strings = {"ffffffff00", "8000000000", "7fffffff00", "0000000200"})
        void readString_lengthBeyondTheEnd_isRefusedBeforeAllocation(String input) {
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> reader(input).readString("s"))
                    .withMessageContaining("announced");
        }

        @Test
        void readStringInPlace_inner_cannotReadBeyondItself() {
            WireReader outer = reader("00000002aabbcc");
            WireReader inner = outer.readStringInPlace("s");
            assertThat(inner.readByte("a")).isEqualTo(0xaa);
            assertThat(inner.readByte("b")).isEqualTo(0xbb);
            assertThatExceptionOfType(MalformedKeyException.class).isThrownBy(() -> inner.readByte("c"));
            assertThat(outer.readByte("c")).isEqualTo(0xcc);
            outer.requireEnd("end");
        }

        @Test
        void position_afterReading_isTheIndexInTheArray() {
            WireReader part = new WireReader("test", hex("00112233"), 1, 4);
            assertThat(part.readByte("b")).isEqualTo(0x11);
            assertThat(part.position()).isEqualTo(2);
            assertThat(part.remaining()).isEqualTo(2);
        }

        @Test
        void readBytes_negativeCount_isMalformed() {
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> reader("aabb").readBytes(-1, "s"));
        }

        @Test
        void newReader_rangeOutsideTheArray_isRefused() {
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> new WireReader("test", new byte[2], 1, 3));
        }
    }

    @Nested
    class ReadName {
        @Test
        void readName_longestName_isRead() {
            String name = "n".repeat(WireReader.MAX_NAME_BYTES);
            byte[] wire = new WireWriter().writeString(name).toByteArray();
            assertThat(new WireReader("test", wire).readName("name")).isEqualTo(name);
        }

        @Test
        void readName_oneByteMore_isRefusedWithoutEcho() {
            byte[] wire = new WireWriter()
                    .writeString("n".repeat(WireReader.MAX_NAME_BYTES + 1))
                    .toByteArray();
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> new WireReader("test", wire).readName("name"))
                    .withMessageNotContaining("nnn");
        }

        @Test
        void readName_firstAndLastPrintableCharacter_areRead() {
            assertThat(reader("00000002207e").readName("name")).isEqualTo(" ~");
        }

        @ParameterizedTest
        @ValueSource(strings = {"000000010a", "000000017f", "00000001c3", "0000000100"})
        void readName_notPrintableAscii_isRefused(String input) {
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> reader(input).readName("name"));
        }
    }

    @Nested
    class Mpint {
        // RFC 4251, section 5, and what it calls unnecessary.
        @ParameterizedTest
        @CsvSource({
            "00000000, 0",
            "0000000809a378f9b2e332a7, 9a378f9b2e332a7",
            "000000020080, 80",
            "00000003000080, 80",
            "000000020000, 0",
            "0000000100, 0"
        })
        void readMpint_legalOrWithLeadingZeros_value(String input, String value) {
            assertThat(reader(input).readMpint("n")).isEqualTo(new BigInteger(value, 16));
        }

        @ParameterizedTest
        @ValueSource(strings = {"0000000180", "00000002edcc", "00000005ff21524111"})
        void readMpint_negative_isRefused(String input) {
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> reader(input).readMpint("n"))
                    .withMessageContaining("negative");
        }

        @Test
        void readMpint_longestNumber_isRead() {
            BigInteger most =
                    BigInteger.ONE.shiftLeft(WireReader.MAX_NUMBER_BITS).subtract(BigInteger.ONE);
            byte[] wire = new WireWriter().writeMpint(most).toByteArray();
            assertThat(new WireReader("test", wire).readMpint("n")).isEqualTo(most);
        }

        @Test
        void readMpint_oneBitMore_exceedsTheLimit() {
            BigInteger tooLong = BigInteger.ONE.shiftLeft(WireReader.MAX_NUMBER_BITS);
            byte[] wire = new WireWriter().writeMpint(tooLong).toByteArray();
            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> new WireReader("test", wire).readMpint("n"))
                    .satisfies(e -> assertThat(e.allowed()).isEqualTo(WireReader.MAX_NUMBER_BITS))
                    .satisfies(e -> assertThat(e.actual()).isEqualTo(WireReader.MAX_NUMBER_BITS + 8));
        }

        @ParameterizedTest
        @CsvSource({
            "0, 00000000",
            "1, 0000000101",
            "7f, 000000017f",
            "80, 000000020080",
            "9a378f9b2e332a7, 0000000809a378f9b2e332a7"
        })
        void writeMpint_value_isShortest(String value, String wire) {
            BigInteger number = new BigInteger(value, 16);
            assertThat(new WireWriter().writeMpint(number).toByteArray()).isEqualTo(hex(wire));
            byte[] padded = new byte[20];
            byte[] bytes = number.toByteArray();
            System.arraycopy(bytes, 0, padded, padded.length - bytes.length, bytes.length);
            assertThat(new WireWriter().writeUnsigned(padded).toByteArray()).isEqualTo(hex(wire));
        }

        @Test
        void writeMpint_negative_isRefused() {
            assertThatIllegalArgumentException().isThrownBy(() -> new WireWriter().writeMpint(BigInteger.ONE.negate()));
        }
    }

    @Nested
    class Write {
        @Test
        void writeUint32_bounds_areHeld() {
            assertThat(new WireWriter().writeUint32(0xffffffffL).toByteArray()).isEqualTo(hex("ffffffff"));
            assertThatIllegalArgumentException().isThrownBy(() -> new WireWriter().writeUint32(-1));
            assertThatIllegalArgumentException().isThrownBy(() -> new WireWriter().writeUint32(1L << 32));
        }

        @Test
        void writeBytes_growing_keepsEverything() {
            try (WireWriter writer = new WireWriter()) {
                for (int i = 0; i < 5000; i++) {
                    writer.writeByte(i);
                }
                writer.writeBytes(new byte[100_000]);
                assertThat(writer.size()).isEqualTo(105_000);
                byte[] written = writer.toByteArray();
                for (int i = 0; i < 5000; i++) {
                    assertThat(written[i]).isEqualTo((byte) i);
                }
            }
        }

        @Test
        void close_buffer_isWiped() throws ReflectiveOperationException {
            var field = WireWriter.class.getDeclaredField("buffer");
            field.setAccessible(true);
            WireWriter writer = new WireWriter();
            writer.writeBytes(new byte[] {1, 2, 3});
            byte[] small = (byte[]) field.get(writer);
            byte[] ones = new byte[1000];
            Arrays.fill(ones, (byte) 1);
            writer.writeBytes(ones);
            byte[] large = (byte[]) field.get(writer);
            assertThat(small).isNotSameAs(large).containsOnly(0);
            writer.close();
            assertThat(large).containsOnly(0);
            assertThat(writer.size()).isZero();
        }
    }
}
