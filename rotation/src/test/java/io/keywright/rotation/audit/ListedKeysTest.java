package io.keywright.rotation.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Fingerprint;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListedKeysTest {
    @TempDir
    Path folder;

    private static SshPublicKey key() {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            return pair.publicKey();
        }
    }

    private static Fingerprint md5(SshPublicKey key) {
        return key.fingerprint(Fingerprint.Hash.MD5);
    }

    /** As Debian's lists have it: the first twelve digits are cut off. */
    private static String listed(SshPublicKey key) {
        return HexFormat.of().formatHex(md5(key).digest()).substring(12);
    }

    private ListedKeys read(String content) throws IOException {
        return ListedKeys.NONE.with(Files.writeString(folder.resolve("list"), content));
    }

    @Nested
    class With {
        @Test
        void with_debiansFormat_findsTheListedKeyOnly() throws IOException {
            SshPublicKey weak = key();
            ListedKeys list = read("# RSA 2048\n0123456789abcdef0123\n" + listed(weak) + "\n\n");
            assertThat(list.size()).isEqualTo(2);
            assertThat(list.contains(md5(weak))).isTrue();
            assertThat(list.contains(md5(key()))).isFalse();
        }

        @Test
        void with_wholeFingerprints_findsThem() throws IOException {
            SshPublicKey one = key();
            SshPublicKey two = key();
            ListedKeys list =
                    read(md5(one) + "\r\n" + HexFormat.of().withUpperCase().formatHex(md5(two).digest()) + "\r\n");
            assertThat(list.contains(md5(one))).isTrue();
            assertThat(list.contains(md5(two))).isTrue();
        }

        @Test
        void with_secondFile_keepsTheFirst() throws IOException {
            SshPublicKey one = key();
            SshPublicKey two = key();
            ListedKeys both =
                    read(listed(one) + "\n").with(Files.writeString(folder.resolve("other"), listed(two) + "\n"));
            assertThat(both.contains(md5(one))).isTrue();
            assertThat(both.contains(md5(two))).isTrue();
        }

        @Test
        void with_lineThatIsNoFingerprint_isRefusedWithItsPlace() {
            assertThatThrownBy(() -> read("# fine\n0123456789abcdef0123\nssh-rsa AAAA\n"))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageContaining("list:3")
                    .hasMessageNotContaining("AAAA");
        }

        @Test
        void with_moreThanTheLimit_isRefused() {
            assertThatThrownBy(() -> read("0123456789abcdef0123\n".repeat(ListedKeys.MAX_KEYS + 1)))
                    .isInstanceOf(LimitExceededException.class);
        }

        @Test
        void with_missingFile_saysSo() {
            assertThatThrownBy(() -> ListedKeys.NONE.with(folder.resolve("nothing")))
                    .isInstanceOf(NoSuchFileException.class);
        }
    }
}
