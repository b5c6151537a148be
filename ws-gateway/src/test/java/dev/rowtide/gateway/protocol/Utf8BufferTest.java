package dev.rowtide.gateway.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8BufferTest {

    @Test
    void whatIsWrittenIsReadBackByAnother() throws Exception {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            String text = random.ints(random.nextInt(40), 0, 0x11_0000)
                    .map(c -> random.nextBoolean() ? c % 0x80 : c)
                    .filter(c -> c < 0xD800 || c > 0xDFFF)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            Utf8Buffer buffer = new Utf8Buffer(1);
            buffer.string(text);
            assertThat(new ObjectMapper().readValue(buffer.bytes, 0, buffer.size, String.class))
                    .isEqualTo(text);
            buffer.size = 0;
            buffer.raw(text);
            assertThat(new String(buffer.bytes, 0, buffer.size, StandardCharsets.UTF_8))
                    .isEqualTo(text);
        }
    }

    @Test
    void halfASurrogatePairDoesNotBreakTheFrame() throws Exception {
        Utf8Buffer buffer = new Utf8Buffer(1);
        buffer.string("a\uD83Db\uDE00");
        assertThat(string(buffer)).isEqualTo("\"a\\ud83db\\ude00\"");
        buffer.size = 0;
        buffer.raw("a\uD83Db");
        assertThat(string(buffer)).isEqualTo("a\uFFFDb");
    }

    private static String string(Utf8Buffer buffer) throws Exception {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(java.nio.ByteBuffer.wrap(buffer.bytes, 0, buffer.size))
                .toString();
    }
}
