package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.KeyComment;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every format to every other, with every kind of comment: it arrives byte for byte, or the result says that it was left
 * out, or writing is refused. What happens depends on the target alone.
 */
class CommentMatrixTest {
    private static final SshKeyPair KEY = TestKeys.of("rsa");

    /** What a format does with a comment. */
    private enum Fate {
        KEPT,
        OMITTED,
        REFUSED
    }

    private static final Map<String, KeyWriter> PRIVATE = new LinkedHashMap<>();
    private static final Map<String, PublicKeyWriter> PUBLIC = new LinkedHashMap<>();
    private static final Map<String, byte[]> COMMENTS = new LinkedHashMap<>();

    static {
        PRIVATE.put("openssh", KeyWriter.openssh());
        PRIVATE.put("pem", KeyWriter.pem());
        PRIVATE.put("pkcs8", KeyWriter.pkcs8());
        PRIVATE.put("ppk", KeyWriter.ppk());
        PRIVATE.put("ppk2", KeyWriter.ppk2());
        PRIVATE.put("sshcom", KeyWriter.sshcom());
        PRIVATE.put("jwk", KeyWriter.jwk());
        PUBLIC.put("public", KeyWriter.publicLine());
        PUBLIC.put("public-ssh2", KeyWriter.publicRfc4716());
        PUBLIC.put("public-pem", KeyWriter.publicPem());
        PUBLIC.put("public-pkcs1", KeyWriter.publicPkcs1());
        PUBLIC.put("public-jwk", KeyWriter.publicJwk());

        COMMENTS.put("none", new byte[0]);
        COMMENTS.put("word", ascii("deploy@prod"));
        COMMENTS.put("spaces", ascii("my laptop, 2nd  floor"));
        COMMENTS.put("quotes", ascii("\"a\" \\ 'b' # {c: d}"));
        COMMENTS.put("colon and base64", ascii("Comment: AAAAB3NzaC1yc2E="));
        COMMENTS.put("tab", ascii("a\tb"));
        COMMENTS.put("UTF-8", "Schl\u00fcssel \ud83d\udd11".getBytes(StandardCharsets.UTF_8));
        COMMENTS.put("long", ascii("x".repeat(700)));
        COMMENTS.put("latin-1", new byte[] {'J', (byte) 0xfc, 'r', 'g'});
        COMMENTS.put("blanks at the ends", ascii("  a b  "));
        COMMENTS.put("blanks only", ascii("   "));
        COMMENTS.put("line feed", ascii("a\nb"));
        COMMENTS.put("carriage return", ascii("a\rb"));
        COMMENTS.put("second key", ascii("a\r\nssh-rsa AAAA b"));
        COMMENTS.put("NUL", new byte[] {'a', 0, 'b'});
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static Fate fate(String format, String comment) {
        boolean control =
                Stream.of("line feed", "carriage return", "second key", "NUL").anyMatch(comment::equals);
        boolean atEnds = comment.equals("blanks at the ends") || comment.equals("blanks only");
        return switch (format) {
            case "openssh" -> comment.equals("NUL") ? Fate.REFUSED : Fate.KEPT;
            case "pem", "pkcs8", "public-pem", "public-pkcs1" -> comment.equals("none") ? Fate.KEPT : Fate.OMITTED;
            case "jwk", "public-jwk" -> comment.equals("latin-1") ? Fate.REFUSED : Fate.KEPT;
            case "public" -> control ? Fate.REFUSED : atEnds ? Fate.OMITTED : Fate.KEPT;
            default -> control ? Fate.REFUSED : Fate.KEPT;
        };
    }

    static Stream<Arguments> privatePairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (String from : PRIVATE.keySet()) {
            PRIVATE.keySet().forEach(to -> pairs.add(Arguments.of(from, to)));
        }
        return pairs.stream();
    }

    static Stream<Arguments> pairsToPublic() {
        List<Arguments> pairs = new ArrayList<>();
        for (String to : PUBLIC.keySet()) {
            PRIVATE.keySet().forEach(from -> pairs.add(Arguments.of(from, to)));
            PUBLIC.keySet().forEach(from -> pairs.add(Arguments.of(from, to)));
        }
        return pairs.stream();
    }

    @ParameterizedTest
    @MethodSource("privatePairs")
    void write_privateToPrivate_keepsTheCommentOrSaysSo(String from, String to) {
        COMMENTS.forEach((name, comment) -> {
            if (fate(from, name) == Fate.KEPT) {
                byte[] source = bytes(PRIVATE.get(from)
                        .withComment(KeyComment.ofBytes(comment))
                        .write(KEY));
                try (SshKeyPair read = KeyReader.of().read(source)) {
                    assertThat(read.comment().toByteArray()).as(name).isEqualTo(comment);
                    check(to, name, comment, () -> PRIVATE.get(to).write(read), bytes -> {
                        try (SshKeyPair again = KeyReader.of().read(bytes)) {
                            assertThat(again.publicKey()).isEqualTo(KEY.publicKey());
                            return again.comment();
                        }
                    });
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("pairsToPublic")
    void write_anyToPublic_keepsTheCommentOrSaysSo(String from, String to) {
        COMMENTS.forEach((name, comment) -> {
            if (fate(from, name) == Fate.KEPT) {
                SshPublicKey key = KEY.publicKey().withComment(KeyComment.ofBytes(comment));
                byte[] source = bytes(
                        PRIVATE.containsKey(from)
                                ? PRIVATE.get(from).withComment(key.comment()).write(KEY)
                                : PUBLIC.get(from).write(key));
                SshPublicKey read = KeyReader.of().readPublic(source);
                assertThat(read.comment().toByteArray()).as(name).isEqualTo(comment);
                assertThat(KeyReader.inspect(source).comment().orElse(KeyComment.EMPTY))
                        .isEqualTo(key.comment());
                check(to, name, comment, () -> PUBLIC.get(to).write(read), bytes -> {
                    SshPublicKey again = KeyReader.of().readPublic(bytes);
                    assertThat(again).isEqualTo(key);
                    return again.comment();
                });
            }
        });
    }

    private static void check(
            String to, String name, byte[] comment, Supplier<EncodedKey> write, Function<byte[], KeyComment> read) {
        Fate expected = fate(to, name);
        if (expected == Fate.REFUSED) {
            assertThatThrownBy(write::get)
                    .as(name)
                    .isExactlyInstanceOf(SshKeyException.class)
                    .hasMessageContaining("comment");
            return;
        }
        try (EncodedKey encoded = write.get()) {
            assertThat(encoded.keepsComment()).as(name).isEqualTo(expected == Fate.KEPT);
            byte[] found = read.apply(encoded.toByteArray()).toByteArray();
            if (expected == Fate.KEPT) {
                assertThat(found).as(name).isEqualTo(comment);
            } else {
                assertThat(found).as(name).isNotEqualTo(comment);
            }
        }
    }

    private static byte[] bytes(EncodedKey encoded) {
        try (encoded) {
            return encoded.toByteArray();
        }
    }

    /** A format that is new must be entered above. */
    @Test
    void matrix_everyFormat_isInIt() {
        assertThat(Stream.concat(
                                PRIVATE.values().stream().map(KeyWriter::format),
                                PUBLIC.values().stream().map(PublicKeyWriter::format))
                        .distinct())
                .containsExactlyInAnyOrder(KeyFormat.values());
    }
}
