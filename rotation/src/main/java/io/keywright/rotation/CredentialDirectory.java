package io.keywright.rotation;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyDerivationInterruptedException;
import io.keywright.format.KeyReader;
import io.keywright.format.KeyWriter;
import io.keywright.rotation.CredentialLabels.Stored;
import io.keywright.rotation.JsonFields.DamagedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files of one credential.
 *
 * <pre>
 * labels.jsonl     what there is ({@link LabelsFile})
 * v0001            private key, openssh-key-v1 under the store's secret
 * v0001.pub        public key, one line
 * password-0001    password, AES-256-GCM
 * fence.json       number of the latest lease, authenticated
 * lock             for the lease
 * </pre>
 *
 * <p>Key and password files are written before the labels name them, and removed after the labels have ceased to, so that
 * between two replacements of the labels nothing changes that counts. A key file that no label names is never overwritten
 * and never removed: it may be all that is left after the labels were restored from an old backup. Whoever writes holds the
 * credential's lock. Thread-safe for readers.
 */
final class CredentialDirectory {
    /** An RSA key of 16384 bits needs some 13 KiB. */
    private static final int MAX_KEY_BYTES = 1 << 20;

    private static final int MAX_PASSWORD_FILE_BYTES = 1 << 20;
    private static final int MAX_FENCE_BYTES = 1024;
    private static final String FENCE_FORMAT = "keywright fence";
    private static final String PASSWORD_FORMAT = "keywright password";
    private static final Pattern PASSWORD_FILE = Pattern.compile("password-([0-9]{4,9})");
    private static final Pattern KEY_FILE = Pattern.compile("v([0-9]{4,9})");

    private final DurableFiles files;
    private final Path directory;
    private final String credential;
    private final StoreKeys keys;
    private final DirectoryStoreSettings settings;

    CredentialDirectory(
            DurableFiles files, Path directory, String credential, StoreKeys keys, DirectoryStoreSettings settings) {
        this.files = files;
        this.directory = directory;
        this.credential = credential;
        this.keys = keys;
        this.settings = settings;
    }

    Path lockFile() {
        return directory.resolve("lock");
    }

    void create() throws IOException {
        files.createDirectory(directory);
    }

    // --- labels ---

    /** Reads the labels; those of an unknown credential when there are none. */
    CredentialLabels labels() throws IOException {
        Path file = labelsFile();
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return CredentialLabels.unknown(credential);
        }
        files.requirePrivate(directory, true);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            if (!keyFiles().isEmpty()) {
                throw damaged(file, "it is missing, and there are keys");
            }
            return CredentialLabels.unknown(credential);
        }
        try {
            return LabelsFile.decode(files.read(file, LabelsFile.MAX_BYTES), credential, keys);
        } catch (DamagedException e) {
            throw damaged(file, e.getMessage());
        }
    }

    void write(CredentialLabels labels) throws IOException {
        byte[] content = LabelsFile.encode(labels, keys);
        if (content.length > LabelsFile.MAX_BYTES) {
            throw new StoreException(
                    "the labels of " + credential + " would need " + content.length + " bytes, more than "
                            + LabelsFile.MAX_BYTES,
                    null);
        }
        files.replace(labelsFile(), content);
    }

    /** Removes what an interrupted change has left behind. */
    void tidy(CredentialLabels labels) throws IOException {
        for (Path path : files.list(directory)) {
            String name = String.valueOf(path.getFileName());
            Matcher key = KEY_FILE.matcher(name);
            boolean destroyed = key.matches()
                    && labels.find(Integer.parseInt(key.group(1)))
                            .filter(stored -> !stored.version().hasPrivateKey())
                            .isPresent();
            Matcher password = PASSWORD_FILE.matcher(name);
            boolean replaced = password.matches() && Integer.parseInt(password.group(1)) < labels.password();
            if (destroyed || replaced || name.endsWith(DurableFiles.TEMPORARY)) {
                files.delete(path);
            }
        }
    }

    // --- the fence ---

    /**
     * The number of the latest lease. It has a small file of its own: it is asked for before every change on every device,
     * and the labels of a large fleet are megabytes.
     */
    long fence() throws IOException {
        Path file = directory.resolve("fence.json");
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return labels().fence();
        }
        byte[] content = files.read(file, MAX_FENCE_BYTES);
        try (JsonFields fields = new JsonFields(content)) {
            JsonFields.expect(fields.string("format").equals(FENCE_FORMAT));
            fields.number("version", 1, 1);
            long fence = fields.number("fence", 1, Long.MAX_VALUE - 1);
            byte[] hmac = fields.bytes("hmac");
            fields.endOfText();
            if (!MessageDigest.isEqual(hmac, fenceHmac(fence))) {
                throw new DamagedException("it does not authenticate");
            }
            return fence;
        } catch (DamagedException e) {
            throw damaged(file, e.getMessage());
        }
    }

    void writeFence(long fence) throws IOException {
        byte[] content = JsonFields.object(json -> {
            json.writeStringField("format", FENCE_FORMAT);
            json.writeNumberField("version", 1);
            json.writeNumberField("fence", fence);
            json.writeStringField("hmac", JsonFields.base64(fenceHmac(fence)));
        });
        files.replace(directory.resolve("fence.json"), withLineFeed(content));
    }

    private byte[] fenceHmac(long fence) {
        return keys.authenticate((FENCE_FORMAT + " 1 " + credential + " " + fence).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] withLineFeed(byte[] content) {
        byte[] line = Arrays.copyOf(content, content.length + 1);
        line[content.length] = '\n';
        return line;
    }

    // --- keys ---

    /** The number for a new version: above all that are labelled, and above every key file that is not. */
    int nextNumber(CredentialLabels labels) throws IOException {
        int highest = 0;
        for (Stored stored : labels.versions()) {
            highest = Math.max(highest, stored.version().number());
        }
        for (int number : keyFiles()) {
            highest = Math.max(highest, number);
        }
        return highest + 1;
    }

    /** The numbers of the private key files. */
    List<Integer> keyFiles() throws IOException {
        return numbers(KEY_FILE);
    }

    private List<Integer> numbers(Pattern names) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        for (Path path : files.list(directory)) {
            Matcher name = names.matcher(String.valueOf(path.getFileName()));
            if (name.matches()) {
                numbers.add(Integer.valueOf(name.group(1)));
            }
        }
        return numbers;
    }

    /** Writes both halves and returns the SHA-256 of the private file. */
    String writeKey(int number, SshKeyPair pair) throws IOException {
        writePublicKey(number, pair.publicKey());
        byte[] content;
        try (EncodedKey file = KeyWriter.openssh()
                .withPassphrase(keys.secret())
                .withRounds(settings.bcryptRounds())
                .withRandom(settings.random())
                .write(pair)) {
            content = file.toByteArray();
        }
        files.replace(keyFile(number), content);
        return sha256(content);
    }

    private void writePublicKey(int number, SshPublicKey key) throws IOException {
        // a comment that cannot stand in a line is in the private file and the labels all the same
        SshPublicKey fitting = key.comment().fitsInLine() ? key : key.withComment(KeyComment.EMPTY);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.writeBytes(fitting.toLineBytes());
        line.write('\n');
        files.replace(directory.resolve(name("v%04d.pub", number)), line.toByteArray());
    }

    /** Opens a labelled key; the file is what was written, so that a failure cannot be the secret's fault. */
    SshKeyPair readKey(Stored stored) throws IOException {
        Path file = keyFile(stored.version().number());
        byte[] content = files.read(file, MAX_KEY_BYTES);
        if (!sha256(content).equals(stored.sha256())) {
            throw damaged(file, "it is not the file that was written");
        }
        SshKeyPair pair = readKey(stored.version().number());
        if (!pair.publicKey().equals(stored.version().publicKey())) {
            pair.close();
            throw damaged(file, "it holds another key than its label says");
        }
        try (pair) {
            return pair.withComment(stored.version().publicKey().comment());
        }
    }

    /** Opens a key whether it is labelled or not. */
    SshKeyPair readKey(int number) throws IOException {
        Path file = keyFile(number);
        try {
            return KeyReader.of().withPassphrase(keys.secret()).read(files.read(file, MAX_KEY_BYTES));
        } catch (KeyDerivationInterruptedException e) {
            throw e;
        } catch (SshKeyException e) {
            throw new StoreDamagedException(
                    "the file " + file + " of the store is damaged: it is no key under the store's secret", e);
        }
    }

    void deleteKey(int number) throws IOException {
        files.delete(keyFile(number));
    }

    // --- password ---

    int nextPassword(CredentialLabels labels) throws IOException {
        int highest = labels.password();
        for (int number : numbers(PASSWORD_FILE)) {
            highest = Math.max(highest, number);
        }
        return highest + 1;
    }

    void writePassword(int number, Passphrase password) throws IOException {
        byte[] nonce = new byte[StoreKeys.NONCE_BYTES];
        settings.random().nextBytes(nonce);
        byte[] encrypted = password.secret().use(bytes -> keys.encrypt(nonce, bytes, passwordPlace(number)));
        byte[] content = JsonFields.object(json -> {
            json.writeStringField("format", PASSWORD_FORMAT);
            json.writeNumberField("version", 1);
            json.writeStringField("nonce", JsonFields.base64(nonce));
            json.writeStringField("encrypted", JsonFields.base64(encrypted));
        });
        files.replace(passwordFile(number), withLineFeed(content));
    }

    Passphrase readPassword(int number) throws IOException {
        Path file = passwordFile(number);
        byte[] content = files.read(file, MAX_PASSWORD_FILE_BYTES);
        try (JsonFields fields = new JsonFields(content)) {
            JsonFields.expect(fields.string("format").equals(PASSWORD_FORMAT));
            fields.number("version", 1, 1);
            byte[] nonce = fields.bytes("nonce");
            byte[] encrypted = fields.bytes("encrypted");
            fields.endOfText();
            JsonFields.expect(nonce.length == StoreKeys.NONCE_BYTES);
            byte[] password = keys.decrypt(nonce, encrypted, passwordPlace(number));
            try {
                return Passphrase.ofBytes(password);
            } finally {
                Arrays.fill(password, (byte) 0);
            }
        } catch (DamagedException e) {
            throw damaged(file, e.getMessage());
        }
    }

    void deletePassword(int number) throws IOException {
        files.delete(passwordFile(number));
    }

    /** What the encryption is bound to, so that no password can be put in another's place. */
    private String passwordPlace(int number) {
        return credential + " " + number;
    }

    // --- another secret ---

    /**
     * Writes all of this under the secret of another directory, which may have some of it from an interrupted attempt: its
     * labels, written last, tell what is done.
     */
    void copyTo(CredentialDirectory target) throws IOException {
        CredentialLabels labels = labels();
        target.create();
        CredentialLabels done = Files.exists(target.labelsFile(), LinkOption.NOFOLLOW_LINKS)
                ? target.labels()
                : CredentialLabels.unknown(credential);
        List<Stored> copied = new ArrayList<>();
        for (Stored stored : labels.versions()) {
            copied.add(copyKey(stored, target, done));
        }
        for (int number : keyFiles()) {
            if (labels.find(number).isEmpty()) {
                try (SshKeyPair pair = readKey(number)) {
                    target.writeKey(number, pair);
                }
            }
        }
        if (labels.password() != 0) {
            try (Passphrase password = readPassword(labels.password())) {
                target.writePassword(labels.password(), password);
            }
        }
        long fence = fence();
        if (fence > 0) {
            target.writeFence(fence);
        }
        CredentialLabels next = labels.withFiles(copied);
        target.write(next);
        target.tidy(next);
    }

    private Stored copyKey(Stored stored, CredentialDirectory target, CredentialLabels done) throws IOException {
        KeyVersion version = stored.version();
        target.writePublicKey(version.number(), version.publicKey());
        if (!version.hasPrivateKey()) {
            return stored;
        }
        Optional<Stored> before = done.find(version.number());
        if (before.isPresent() && target.hasFileOf(before.get())) {
            return new Stored(version, before.get().sha256());
        }
        try (SshKeyPair pair = readKey(stored)) {
            return new Stored(version, target.writeKey(version.number(), pair));
        }
    }

    private boolean hasFileOf(Stored stored) throws IOException {
        Path file = keyFile(stored.version().number());
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                && sha256(files.read(file, MAX_KEY_BYTES)).equals(stored.sha256());
    }

    // --- names ---

    private Path labelsFile() {
        return directory.resolve("labels.jsonl");
    }

    private Path keyFile(int number) {
        return directory.resolve(name("v%04d", number));
    }

    private Path passwordFile(int number) {
        return directory.resolve(name("password-%04d", number));
    }

    private static String name(String format, int number) {
        return String.format(Locale.ROOT, format, number);
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static StoreDamagedException damaged(Path file, @Nullable String what) {
        return new StoreDamagedException(
                "the file " + file + " of the store is damaged: " + what + "; restore it from a backup", null);
    }

    /** Why a version cannot be opened, where nothing is damaged; empty when it can. */
    static Optional<StoreException> goneOrUnknown(String credential, int number, CredentialLabels labels) {
        Optional<Stored> stored = labels.find(number);
        if (stored.isEmpty()) {
            return Optional.of(new StoreException(credential + " has no version " + number, null));
        }
        if (!stored.get().version().hasPrivateKey()) {
            return Optional.of(new StoreException(
                    "the private half of version " + number + " of " + credential + " is destroyed", null));
        }
        return Optional.empty();
    }
}
