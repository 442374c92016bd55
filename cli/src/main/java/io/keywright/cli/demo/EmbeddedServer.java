package io.keywright.cli.demo;

import io.keywright.Passphrase;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.server.session.ServerSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One SSH server of an {@link EmbeddedFleet}: one account, whose keys are what its {@code authorized_keys} files say at the
 * moment of each log-in.
 *
 * <p>As sshd does with StrictModes, it ignores a file when the file, its directory or the home may be written by group or
 * others. SFTP is open to whoever is logged in, whatever {@code command=} says; commands and shells are not offered.
 * Thread-safe.
 */
public final class EmbeddedServer {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);
    private static final List<String> KEY_FILES = List.of("authorized_keys", "authorized_keys2");
    private static final Set<PosixFilePermission> FOREIGN_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private final EmbeddedFleet fleet;
    private final int port;
    private final String user;
    private final Passphrase password;
    private final KeyPair hostKeyPair;
    private final SshPublicKey hostKey;
    private final Path root;
    private final AtomicBoolean readOnly = new AtomicBoolean();

    EmbeddedServer(EmbeddedFleet fleet, int port, String user, Passphrase password, KeyPair hostKeyPair, Path root)
            throws IOException {
        this.fleet = fleet;
        this.port = port;
        this.user = user;
        this.password = password.copy();
        this.hostKeyPair = hostKeyPair;
        this.hostKey = toSshPublicKey(hostKeyPair.getPublic());
        this.root = root;
        makePrivate(home().resolve(".ssh"));
    }

    /**
     * Returns where it listens.
     *
     * @return the loopback address
     */
    public String host() {
        return EmbeddedFleet.HOST;
    }

    /**
     * Returns where it listens.
     *
     * @return the TCP port
     */
    public int port() {
        return port;
    }

    /**
     * Returns its host key.
     *
     * @return the public half
     */
    public SshPublicKey hostKey() {
        return hostKey;
    }

    /**
     * Returns the directory that is the root of its file system.
     *
     * @return a path on this machine
     */
    public Path root() {
        return root;
    }

    /**
     * Returns the account's home directory.
     *
     * @return a path on this machine
     */
    public Path home() {
        return root.resolve("home").resolve(user);
    }

    /**
     * Returns the file that it reads first at each log-in.
     *
     * @return a path on this machine; there may be nothing there
     */
    public Path authorizedKeysFile() {
        return home().resolve(".ssh").resolve(KEY_FILES.get(0));
    }

    /**
     * Makes its file system refuse every change, as one does that is mounted read-only, or lets it take changes again.
     *
     * @param value whether it refuses
     */
    public void setReadOnly(boolean value) {
        readOnly.set(value);
    }

    /** Takes the server off the network: it stops listening, and every connection breaks. */
    public void stop() {
        fleet.hangUp(port);
    }

    /**
     * Brings a stopped server back, with the same port, host key and files.
     *
     * @throws UncheckedIOException when another program has taken the port
     */
    public void restart() {
        fleet.listen(port);
    }

    boolean isReadOnly() {
        return readOnly.get();
    }

    KeyPair hostKeyPair() {
        return hostKeyPair;
    }

    void forgetPassword() {
        password.close();
    }

    /** Whether a key may log in now, from where the session comes from. */
    boolean admits(String name, PublicKey key, ServerSession session) {
        if (!name.equals(user)) {
            return false;
        }
        SshPublicKey asked = toSshPublicKey(key);
        String client =
                ((InetSocketAddress) session.getRemoteAddress()).getAddress().getHostAddress();
        return KEY_FILES.stream().map(home().resolve(".ssh")::resolve).anyMatch(file -> admits(file, asked, client));
    }

    boolean admits(String name, String offered) {
        byte[] given = offered.getBytes(StandardCharsets.UTF_8);
        byte[] expected = password.toByteArray();
        try {
            return MessageDigest.isEqual(given, expected) && name.equals(user);
        } finally {
            Arrays.fill(given, (byte) 0);
            Arrays.fill(expected, (byte) 0);
        }
    }

    private boolean admits(Path file, SshPublicKey key, String client) {
        try {
            return Files.isRegularFile(file)
                    && isOwnersAlone(file)
                    && AuthorizedKeys.parse(Files.readAllBytes(file))
                            .admitting(key, client)
                            .isPresent();
        } catch (IOException e) {
            // As sshd does: what cannot be read lets nobody in.
            LOG.warn("{} cannot be read: {}", file, e.toString());
            return false;
        }
    }

    private boolean isOwnersAlone(Path file) throws IOException {
        for (Path place = file; place != null && place.startsWith(home()); place = place.getParent()) {
            Set<PosixFilePermission> modes = Files.getPosixFilePermissions(place);
            if (modes.stream().anyMatch(FOREIGN_WRITE::contains)) {
                return false;
            }
        }
        return true;
    }

    private static void makePrivate(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    private static SshPublicKey toSshPublicKey(PublicKey key) {
        Buffer buffer = new ByteArrayBuffer();
        buffer.putRawPublicKey(key);
        return SshPublicKey.fromBlob(buffer.getCompactData());
    }

    /** Says where it listens. */
    @Override
    public String toString() {
        return "EmbeddedServer[" + user + "@" + host() + ":" + port + "]";
    }
}
