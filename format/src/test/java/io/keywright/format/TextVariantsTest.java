package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What editors, mail programs and web forms do to a key's text leaves the key as it is: every text format, every variant. */
class TextVariantsTest {
    /** Of the seeds that are encrypted. */
    private static final String PASSPHRASE = "keywright-test";

    private static final String MARK = "\u00ef\u00bb\u00bf";
    private static final String BAG = """
            Bag Attributes
                friendlyName: seed key
            Key Attributes: <No Attributes>
            """;

    /** How a text is laid out, which decides what may happen to it. */
    private enum Layout {
        /** Between a BEGIN and an END line. */
        ARMOUR,
        PPK,
        LINE,
        JSON
    }

    private record Sample(String name, Layout layout, String text) {
        @Override
        public String toString() {
            return name;
        }
    }

    private record Variant(String name, UnaryOperator<String> change, List<Layout> layouts) {
        static Variant of(String name, UnaryOperator<String> change, Layout... layouts) {
            return new Variant(name, change, List.of(layouts.length == 0 ? Layout.values() : layouts));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final List<Variant> VARIANTS = List.of(
            Variant.of("as it is", text -> text),
            Variant.of("CRLF", text -> text.replace("\n", "\r\n")),
            Variant.of("CR", text -> text.replace('\n', '\r')),
            Variant.of("byte order mark", text -> MARK + text),
            Variant.of(
                    "byte order mark, CRLF, no final line end",
                    text -> MARK + text.stripTrailing().replace("\n", "\r\n")),
            Variant.of("indented with blanks", text -> text.replaceAll("(?m)^(?=.)", "    ")),
            Variant.of("indented with tabs", text -> text.replaceAll("(?m)^(?=.)", "\t")),
            Variant.of("trailing blanks", text -> text.replace("\n", " \t\n")),
            Variant.of("no final line end", String::stripTrailing),
            Variant.of("blank lines in front", text -> "\n  \n\n" + text),
            Variant.of("CRLF and blank lines in front", text -> "\r\n\r\n" + text.replace("\n", "\r\n")),
            Variant.of("blank lines behind", text -> text + "\n \n\n"),
            Variant.of("text in front", text -> BAG + text, Layout.ARMOUR, Layout.PPK),
            Variant.of("text in front, CRLF", text -> (BAG + text).replace("\n", "\r\n"), Layout.ARMOUR, Layout.PPK),
            Variant.of("text in front on the same line", text -> "key: " + text, Layout.ARMOUR),
            Variant.of("text behind", text -> text + "\nsent from a telephone\n", Layout.ARMOUR),
            Variant.of("a comment line in front", text -> "# the key of prod\n" + text),
            Variant.of("base64 in one line", TextVariantsTest::oneLine, Layout.ARMOUR, Layout.PPK),
            Variant.of("base64 in lines of 7", TextVariantsTest::shortLines, Layout.ARMOUR),
            Variant.of(
                    "blank lines between", text -> text.replace("\n", "\n\n"), Layout.ARMOUR, Layout.PPK, Layout.JSON));

    /** Joins the lines of each body; a PPK's counts follow. */
    private static String oneLine(String text) {
        StringBuilder out = new StringBuilder();
        for (String line : text.split("\n", -1)) {
            boolean lastWasBody = !out.isEmpty() && out.charAt(out.length() - 1) != '\n';
            boolean body = isBody(line);
            if (lastWasBody && !body) {
                out.append('\n');
            }
            out.append(line);
            if (!body && !line.isEmpty()) {
                out.append('\n');
            }
            if (line.isEmpty() && !body) {
                out.append('\n');
            }
        }
        return out.toString().replaceAll("-Lines: \\d+", "-Lines: 1");
    }

    private static String shortLines(String text) {
        StringBuilder out = new StringBuilder();
        for (String line : text.split("\n", -1)) {
            out.append(isBody(line) ? line.replaceAll("(.{7})", "$1\n") : line).append('\n');
        }
        return out.toString();
    }

    private static boolean isBody(String line) {
        return !line.isEmpty() && line.matches("[A-Za-z0-9+/]+=*");
    }

    private static final List<String> ARMOURED = List.of(
            "ed25519.key",
            "rsa.key",
            "ctr.key",
            "gcm.key",
            "rsa.pem",
            "p256.pem",
            "dsa.pem",
            "rsa-encrypted.pem",
            "p256-encrypted.pem",
            "rsa-pkcs8.pem",
            "ed25519-pkcs8.pem",
            "pbkdf2-pkcs8.pem",
            "rsa-sshcom.key",
            "rsa-sshcom-encrypted.key",
            "rsa-rfc4716.pub",
            "rsa-spki.pem",
            "p256-spki.pem",
            "rsa-pkcs1.pem");

    private static final List<String> PPK =
            List.of("ed25519.ppk", "rsa.ppk", "rsa-v2.ppk", "rsa-encrypted.ppk", "ed25519-encrypted-v2.ppk");

    private static List<Sample> samples() {
        List<Sample> samples = new ArrayList<>();
        ARMOURED.forEach(name -> samples.add(new Sample(name, Layout.ARMOUR, seed(name))));
        PPK.forEach(name -> samples.add(new Sample(name, Layout.PPK, seed(name))));
        samples.add(new Sample("rsa.pub", Layout.LINE, seed("rsa.pub")));
        try (SshKeyPair pair = KeyReader.of().read(seed("p256.key"));
                EncodedKey jwk = KeyWriter.jwk().write(pair)) {
            samples.add(new Sample("p256.jwk", Layout.JSON, jwk.toText().replace(",", ",\n")));
        }
        return samples;
    }

    private static String seed(String name) {
        try (InputStream in = TextVariantsTest.class.getResourceAsStream("negative/seeds/" + name)) {
            assertThat(in).as(name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).replace("\r", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Changed(Sample sample, Variant variant) {
        @Override
        public String toString() {
            return sample + ", " + variant;
        }
    }

    static List<Arguments> table() {
        return Cases.of(
                samples().stream()
                        .flatMap(sample -> VARIANTS.stream()
                                .filter(variant -> variant.layouts().contains(sample.layout()))
                                .map(variant -> new Changed(sample, variant)))
                        .toList(),
                changed -> changed.sample().name());
    }

    /** Headers that go on in the next line, which only these two formats have. */
    static List<Arguments> wrapped() {
        String comment =
                "a comment of more than a line \"and\" a back\\slash ".repeat(4).strip();
        List<Sample> samples = new ArrayList<>();
        try (SshKeyPair pair = KeyReader.of().read(seed("rsa.key")).withComment(comment);
                EncodedKey sshcom = KeyWriter.sshcom().write(pair);
                EncodedKey rfc4716 = KeyWriter.publicRfc4716().write(pair.publicKey())) {
            samples.add(new Sample("ssh.com", Layout.ARMOUR, sshcom.toText()));
            samples.add(new Sample("RFC 4716", Layout.ARMOUR, rfc4716.toText()));
        }
        List<String> harmless =
                List.of("as it is", "CRLF", "CR", "byte order mark, CRLF, no final line end", "text in front, CRLF");
        return Cases.of(
                samples.stream()
                        .flatMap(sample -> VARIANTS.stream()
                                .filter(variant -> harmless.contains(variant.name()))
                                .map(variant -> new Changed(sample, variant)))
                        .toList(),
                changed -> changed.sample().name());
    }

    @Nested
    class Read {
        @ParameterizedTest(name = "{0}")
        @MethodSource({"io.keywright.format.TextVariantsTest#table", "io.keywright.format.TextVariantsTest#wrapped"})
        void read_variant_isTheSameKey(String name, List<Changed> cases) {
            assertThat(cases).as(name).isNotEmpty();
            cases.forEach(TextVariantsTest::assertSameKey);
        }
    }

    private static void assertSameKey(Changed given) {
        Sample sample = given.sample();
        byte[] changed = given.variant().change().apply(sample.text()).getBytes(StandardCharsets.ISO_8859_1);
        byte[] untouched = changed.clone();
        SshPublicKey expected = publicKey(sample.text().getBytes(StandardCharsets.ISO_8859_1));
        SshPublicKey found = publicKey(changed);
        assertThat(found).as("%s", given).isEqualTo(expected);
        assertThat(found.comment()).as("%s", given).isEqualTo(expected.comment());

        KeyInspection seen = KeyReader.inspect(changed);
        KeyInspection before = KeyReader.inspect(sample.text());
        assertThat(seen.format()).as("%s", given).isEqualTo(before.format());
        // Whether blanks behind a PPK's comment are part of it, only its MAC tells, for which a passphrase may be
        // needed.
        assertThat(seen.comment().map(comment -> comment.toString().stripTrailing()))
                .as("%s", given)
                .isEqualTo(before.comment().map(KeyComment::toString));
        assertThat(seen.publicKey()).as("%s", given).isEqualTo(before.publicKey());
        assertThat(changed)
                .as("%s: what was given to read is not changed", given)
                .isEqualTo(untouched);
    }

    /** Reads the pair where there is one. */
    private static SshPublicKey publicKey(byte[] content) {
        try (Passphrase passphrase = Passphrase.of(PASSPHRASE.toCharArray())) {
            KeyReader reader = KeyReader.of().withPassphrase(passphrase);
            if (!KeyReader.inspect(content).holdsPrivateKey()) {
                return reader.readPublic(content);
            }
            try (SshKeyPair pair = reader.read(Arrays.copyOf(content, content.length))) {
                return pair.publicKey();
            }
        }
    }
}
