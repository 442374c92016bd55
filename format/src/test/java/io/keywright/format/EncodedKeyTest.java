package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.KeyComment;
import io.keywright.SshKeyException;
import io.keywright.UnsupportedKeyException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodedKeyTest {
    @TempDir
    Path folder = Path.of("");

    private static EncodedKey privateKey() {
        return KeyWriter.openssh().write(OpensshFile.PAIR);
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private long files() throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.count();
        }
    }

    @Nested
    class WriteTo {
        @Test
        void writeTo_newFile_isForTheOwnerOnly() throws IOException {
            Path file = folder.resolve("key");
            try (EncodedKey encoded = privateKey()) {
                assertThat(encoded.holdsPrivateKey()).isTrue();
                encoded.writeTo(file);
                assertThat(file).hasBinaryContent(encoded.toByteArray());
            }
            assertThat(mode(file)).isEqualTo("rw-------");
        }

        @Test
        void writeTo_existingFile_throwsAndLeavesIt() throws IOException {
            Path file = Files.writeString(folder.resolve("key"), "precious");
            try (EncodedKey encoded = privateKey()) {
                assertThatThrownBy(() -> encoded.writeTo(file)).isInstanceOf(FileAlreadyExistsException.class);
            }
            assertThat(file).hasContent("precious");
        }

        /** A link to somewhere else must not be followed: whoever can put one there would get the key. */
        @Test
        void writeTo_danglingLink_throws() throws IOException {
            Path target = folder.resolve("target");
            Path link = Files.createSymbolicLink(folder.resolve("key"), target);
            try (EncodedKey encoded = privateKey()) {
                assertThatThrownBy(() -> encoded.writeTo(link)).isInstanceOf(FileAlreadyExistsException.class);
            }
            assertThat(target).doesNotExist();
        }

        @Test
        void writeTo_missingFolder_throws() {
            try (EncodedKey encoded = privateKey()) {
                assertThatThrownBy(() -> encoded.writeTo(folder.resolve("none/key")))
                        .isInstanceOf(NoSuchFileException.class);
            }
        }

        @Test
        void writeTo_publicKey_isReadableByAll() throws IOException {
            Path file = folder.resolve("key.pub");
            try (EncodedKey encoded = KeyWriter.publicLine().write(OpensshFile.PAIR.publicKey())) {
                assertThat(encoded.holdsPrivateKey()).isFalse();
                encoded.writeTo(file);
            }
            assertThat(mode(file)).startsWith("rw-r");
            assertThat(file).content().isEqualTo(OpensshFile.PAIR.publicKey().toLine() + "\n");
            assertThat(Tools.run("ssh-keygen", "-l", "-f", file))
                    .contains(OpensshFile.PAIR.publicKey().fingerprint().toString());
        }

        @Test
        void writeTo_stream_writesTheSame() throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (EncodedKey encoded = privateKey()) {
                encoded.writeTo(out);
                assertThat(out.toByteArray()).isEqualTo(encoded.toByteArray());
            }
        }
    }

    @Nested
    class Replace {
        @Test
        void replace_existingFile_getsContentAndMode() throws IOException {
            Path file = Files.writeString(folder.resolve("key"), "old");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
            try (EncodedKey encoded = privateKey()) {
                encoded.replace(file);
                assertThat(file).hasBinaryContent(encoded.toByteArray());
            }
            assertThat(mode(file)).isEqualTo("rw-------");
            assertThat(files()).isEqualTo(1);
        }

        @Test
        void replace_newFile_isForTheOwnerOnly() throws IOException {
            Path file = folder.resolve("key");
            try (EncodedKey encoded = privateKey()) {
                encoded.replace(file);
            }
            assertThat(mode(file)).isEqualTo("rw-------");
        }

        @Test
        void replace_folderInTheWay_throwsAndLeavesNothingBehind() throws IOException {
            Path file = Files.createDirectory(folder.resolve("key"));
            Files.writeString(file.resolve("inside"), "");
            try (EncodedKey encoded = privateKey()) {
                assertThatThrownBy(() -> encoded.replace(file)).isInstanceOf(IOException.class);
            }
            assertThat(files()).isEqualTo(1);
        }
    }

    @Nested
    class Close {
        @Test
        void toByteArray_afterClose_throws() {
            EncodedKey encoded = privateKey();
            encoded.close();
            encoded.close();
            assertThatThrownBy(encoded::toByteArray).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(encoded::toText).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> encoded.writeTo(folder.resolve("key"))).isInstanceOf(IllegalStateException.class);
            assertThat(folder.resolve("key")).doesNotExist();
        }
    }

    @Nested
    class Writers {
        @Test
        void of_openssh_writes() {
            try (EncodedKey encoded =
                    KeyWriter.of(KeyFormat.OPENSSH).withComment("x").write(OpensshFile.PAIR)) {
                assertThat(encoded.format()).isEqualTo(KeyFormat.OPENSSH);
                assertThat(encoded.keepsComment()).isTrue();
                assertThat(encoded.toText())
                        .startsWith("-----BEGIN OPENSSH PRIVATE KEY-----\n")
                        .endsWith("-----END OPENSSH PRIVATE KEY-----\n");
                assertThat(encoded.toText().lines().skip(1).findFirst().orElseThrow())
                        .hasSize(70);
                assertThat(KeyReader.inspect(encoded.toText()).comment()).contains(KeyComment.of("x"));
            }
        }

        @Test
        void of_publicFormat_throws() {
            assertThatThrownBy(() -> KeyWriter.of(KeyFormat.PUBLIC_LINE)).isInstanceOf(UnsupportedKeyException.class);
            assertThatThrownBy(() -> PublicKeyWriter.of(KeyFormat.OPENSSH)).isInstanceOf(UnsupportedKeyException.class);
        }

        @Test
        void publicLine_commentOfTwoLines_throws() {
            assertThatThrownBy(() -> KeyWriter.publicLine()
                            .write(OpensshFile.PAIR.publicKey().withComment("a\nb")))
                    .isInstanceOf(SshKeyException.class);
        }

        @Test
        void publicLine_latin1Comment_survives() {
            KeyComment comment = KeyComment.ofBytes("M\u00fcll".getBytes(StandardCharsets.ISO_8859_1));
            try (EncodedKey encoded =
                    KeyWriter.publicLine().write(OpensshFile.PAIR.publicKey().withComment(comment))) {
                assertThat(KeyReader.of().readPublic(encoded.toByteArray()).comment())
                        .isEqualTo(comment);
            }
        }
    }
}
