package io.keywright.benchmarks.peers;

import com.hierynomus.sshj.userauth.keyprovider.OpenSSHKeyV1KeyFile;
import com.jcraft.jsch.JSch;
import com.sshtools.common.publickey.SshPrivateKeyFileFactory;
import io.keywright.Passphrase;
import io.keywright.format.KeyReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.userauth.password.PasswordUtils;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.util.security.SecurityUtils;

/** Reading an openssh-key-v1 file to a key pair that can sign, by Keywright and by each peer. */
public enum KeyFileReading {
    /** Keywright, which checks that the private half belongs to the public one. */
    KEYWRIGHT {
        @Override
        public Object read(byte[] file, String passphrase) {
            try (Passphrase secret = Passphrase.of(passphrase.toCharArray())) {
                KeyReader.of().withPassphrase(secret).read(file).close();
            }
            return file;
        }
    },
    /** Apache MINA SSHD. */
    MINA {
        @Override
        public Object read(byte[] file, String passphrase) throws Exception {
            return SecurityUtils.loadKeyPairIdentities(
                    null,
                    NamedResource.ofName("key"),
                    new ByteArrayInputStream(file),
                    FilePasswordProvider.of(passphrase));
        }
    },
    /** sshj. */
    SSHJ {
        @Override
        public Object read(byte[] file, String passphrase) throws Exception {
            OpenSSHKeyV1KeyFile provider = new OpenSSHKeyV1KeyFile();
            Reader reader = new InputStreamReader(new ByteArrayInputStream(file), StandardCharsets.US_ASCII);
            provider.init(reader, PasswordUtils.createOneOff(passphrase.toCharArray()));
            return provider.getPrivate();
        }
    },
    /** JSch. */
    JSCH {
        @Override
        public Object read(byte[] file, String passphrase) throws Exception {
            com.jcraft.jsch.KeyPair pair = com.jcraft.jsch.KeyPair.load(new JSch(), file, null);
            if (pair.isEncrypted() && !pair.decrypt(passphrase.getBytes(StandardCharsets.UTF_8))) {
                throw new IllegalStateException("JSch does not open the file");
            }
            return pair;
        }
    },
    /** Maverick Synergy. */
    MAVERICK {
        @Override
        public Object read(byte[] file, String passphrase) throws Exception {
            return SshPrivateKeyFileFactory.parse(file).toKeyPair(passphrase);
        }
    },
    /** {@code ssh-keygen -y}, a process for each file: what starts and ends it is counted. */
    SSH_KEYGEN {
        @Override
        public Object read(byte[] file, String passphrase) throws IOException, InterruptedException {
            Path path = Files.createTempFile(
                    "keywright-bench",
                    "",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                Files.write(path, file);
                // The passphrase of a benchmark is no secret.
                Process process = new ProcessBuilder("ssh-keygen", "-y", "-P", passphrase, "-f", path.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
                    throw new IOException("ssh-keygen does not open the file");
                }
                return process;
            } finally {
                Files.delete(path);
            }
        }
    };

    /**
     * Reads a file.
     *
     * @param file an openssh-key-v1 file
     * @param passphrase is used when the file is encrypted
     * @return what the library makes of it
     * @throws Exception as the library does
     */
    public abstract Object read(byte[] file, String passphrase) throws Exception;
}
