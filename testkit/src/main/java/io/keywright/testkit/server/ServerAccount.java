package io.keywright.testkit.server;

import io.keywright.Passphrase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * An account of the operating system that a test logs in to; made by {@link OpenSshServer#addAccount()} and removed with
 * the server. Not thread-safe.
 */
public final class ServerAccount {
    private final String name;
    private final Path home;
    private final Path authorizedKeys;
    private final boolean throwAway;

    private ServerAccount(String name, Path home, Path authorizedKeys, boolean throwAway) {
        this.name = name;
        this.home = home;
        this.authorizedKeys = authorizedKeys;
        this.throwAway = throwAway;
    }

    /** Makes an account whose password is unusable and which is not locked, as cloud images have it. */
    static ServerAccount create(String name, Path home) {
        String useradd = Tools.find("useradd", "passwd").toString();
        Tools.run(
                new byte[0],
                List.of(useradd, "--no-create-home", "--home-dir", home.toString(), "--shell", "/bin/sh", name));
        ServerAccount account = new ServerAccount(name, home, home.resolve(".ssh/authorized_keys"), true);
        try {
            Tools.run(new byte[0], List.of(Tools.find("usermod", "passwd").toString(), "-p", "*", name));
            Files.createDirectory(home, mode(0755));
            account.own(home);
        } catch (IOException | RuntimeException e) {
            account.remove();
            throw e instanceof RuntimeException unchecked ? unchecked : new UncheckedIOException((IOException) e);
        }
        return account;
    }

    /** The account that runs the tests, with a file for keys that is not its own one. */
    static ServerAccount current(Path authorizedKeys) {
        Path home = Path.of(System.getProperty("user.home"));
        return new ServerAccount(System.getProperty("user.name"), home, authorizedKeys, false);
    }

    /**
     * Returns the name to log in with.
     *
     * @return the user name
     */
    public String name() {
        return name;
    }

    /**
     * Returns the home directory.
     *
     * @return an absolute path
     */
    public Path home() {
        return home;
    }

    /**
     * Returns the file that the server reads this account's keys from.
     *
     * @return an absolute path; {@code .ssh/authorized_keys} below the home for a throw-away account
     */
    public Path authorizedKeys() {
        return authorizedKeys;
    }

    /**
     * Tells whether the account was made for the test; otherwise it is the account that runs the test.
     *
     * @return true for an account that vanishes with the server
     */
    public boolean isThrowAway() {
        return throwAway;
    }

    /**
     * Writes the file of authorized keys, mode 0600, its directory 0700, both the account's own.
     *
     * @param content the whole file
     */
    public void writeAuthorizedKeys(byte[] content) {
        write(authorizedKeys, content, 0600);
    }

    /**
     * Writes the file of authorized keys as UTF-8.
     *
     * @param content the whole file
     */
    public void writeAuthorizedKeys(String content) {
        writeAuthorizedKeys(content.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads the file of authorized keys.
     *
     * @return its bytes
     */
    public byte[] readAuthorizedKeys() {
        try {
            return Files.readAllBytes(authorizedKeys);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes a file of the account. Directories that are missing are made with mode 0700.
     *
     * @param file absolute, or relative to the home
     * @param content the whole file
     * @param mode permission bits, set whatever the umask says
     * @return the absolute path
     */
    public Path write(Path file, byte[] content, int mode) {
        Path absolute = home.resolve(file);
        try {
            makeDirectories(parent(absolute));
            Files.deleteIfExists(absolute);
            Files.createFile(absolute, mode(0600));
            Files.write(absolute, content, StandardOpenOption.WRITE);
            setMode(absolute, mode);
            own(absolute);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return absolute;
    }

    /**
     * Sets permission bits.
     *
     * @param file absolute, or relative to the home
     * @param bits the low nine mode bits
     */
    public void setMode(Path file, int bits) {
        try {
            Files.setPosixFilePermissions(home.resolve(file), permissions(bits));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes the account the owner of a file or symbolic link, where the test may do so.
     *
     * @param file absolute, or relative to the home
     */
    public void own(Path file) {
        if (!throwAway) {
            return; // everything that this account makes is its own already
        }
        try {
            Path absolute = home.resolve(file);
            UserPrincipalLookupService users = absolute.getFileSystem().getUserPrincipalLookupService();
            PosixFileAttributeView view =
                    Files.getFileAttributeView(absolute, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            view.setOwner(users.lookupPrincipalByName(name));
            view.setGroup(users.lookupPrincipalByGroupName(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Gives a throw-away account a password. It travels over a pipe, not on a command line.
     *
     * @param password the password, without line ends
     * @throws IllegalStateException when the account is not a throw-away one
     */
    public void setPassword(Passphrase password) {
        if (!throwAway) {
            throw new IllegalStateException("only a throw-away account is given a password; run the tests as root");
        }
        byte[] secret = password.toByteArray();
        byte[] prefix = (name + ":").getBytes(StandardCharsets.UTF_8);
        byte[] line = Arrays.copyOf(prefix, prefix.length + secret.length + 1);
        System.arraycopy(secret, 0, line, prefix.length, secret.length);
        line[line.length - 1] = '\n';
        try {
            Tools.run(line, List.of(Tools.find("chpasswd", "passwd").toString()));
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(line, (byte) 0);
        }
    }

    /** Says the name. */
    @Override
    public String toString() {
        return "ServerAccount[" + name + "]";
    }

    /** Ends what still runs as a throw-away account, and removes it; its home is the server's to delete. */
    void remove() {
        if (!throwAway) {
            return;
        }
        ProcessHandle.allProcesses()
                .filter(process -> process.info().user().filter(name::equals).isPresent())
                .forEach(ProcessHandle::destroyForcibly);
        Tools.run(new byte[0], List.of(Tools.find("userdel", "passwd").toString(), "--force", name));
    }

    private void makeDirectories(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            makeDirectories(parent(directory));
            Files.createDirectory(directory, mode(0700));
            own(directory);
        }
    }

    private static Path parent(Path absolute) {
        return Objects.requireNonNull(absolute.getParent(), "the root directory exists");
    }

    static FileAttribute<Set<PosixFilePermission>> mode(int bits) {
        return PosixFilePermissions.asFileAttribute(permissions(bits));
    }

    private static Set<PosixFilePermission> permissions(int bits) {
        // The constants are in the order of the bits, from 0400 down to 0001.
        PosixFilePermission[] all = PosixFilePermission.values();
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < all.length; i++) {
            if ((bits & (0400 >> i)) != 0) {
                set.add(all[i]);
            }
        }
        return set;
    }
}
