package io.keywright.format;

import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.NotAKeyException;
import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.authorizedkeys.EditRefusedException;
import io.keywright.authorizedkeys.Entry;
import io.keywright.authorizedkeys.KeyOptions;
import io.keywright.authorizedkeys.Line;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The public keys of a {@code #cloud-config} document: what cloud-init puts into {@code authorized_keys} when a machine starts
 * for the first time. Immutable and thread-safe; each {@code with...} returns a copy.
 *
 * <pre>{@code
 * String userData = CloudConfig.empty().with(key).withUser("deploy", key, KeyOptions.parse("restrict")).toText();
 * }</pre>
 *
 * <pre>
 *   #cloud-config
 *   ssh_authorized_keys:          keys of the image's default user
 *   - "ssh-ed25519 AAAA... comment"
 *   users:
 *   - default                     without this, cloud-init makes no default user
 *   - name: "deploy"
 *     ssh_authorized_keys:
 *     - "restrict ssh-ed25519 AAAA... comment"
 * </pre>
 *
 * <p>Whatever else a document holds is passed over when it is read, and so a document that is read and written is no copy. A
 * user that is not there yet is made by cloud-init, with its defaults.
 */
public final class CloudConfig {
    /** The most keys that a document may hold, aliases counted as often as they stand: each becomes a line on the machine. */
    public static final int MAX_KEYS = 20_000;

    static final String FORMAT = "cloud-config";

    private static final CloudConfig EMPTY = new CloudConfig(List.of());

    private final List<Key> keys;

    private CloudConfig(List<Key> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * One key of a document.
     *
     * @param user the user's name; empty for the image's default user
     * @param options the options in front of the key
     * @param publicKey the key, with its comment
     */
    public record Key(Optional<String> user, KeyOptions options, SshPublicKey publicKey) {
        /** Checks that there are values. */
        public Key {
            Objects.requireNonNull(user, "user");
            Objects.requireNonNull(options, "options");
            Objects.requireNonNull(publicKey, "publicKey");
        }
    }

    /**
     * Returns a document without keys, to begin with.
     *
     * @return the document
     */
    public static CloudConfig empty() {
        return EMPTY;
    }

    /**
     * Reads the keys of a document, with the default limits.
     *
     * @param text the user data, which begins with {@code #cloud-config}
     * @return the keys
     * @throws SshKeyException see {@link #parse(byte[], ReadLimits)}
     */
    public static CloudConfig parse(String text) {
        ReadLimits limits = ReadLimits.defaults();
        limits.requireFileBytes(text.length());
        return parse(text.getBytes(StandardCharsets.UTF_8), limits);
    }

    /**
     * Reads the keys of a document: those at the top, and those of every user, under {@code users} and {@code user}, in a
     * list, a mapping or one text, as cloud-init accepts them.
     *
     * @param content the user data in UTF-8, which begins with {@code #cloud-config}
     * @param limits the most that it may ask for: its size and its nesting
     * @return the keys, maybe none, in the order of the document
     * @throws NotAKeyException when it does not begin with {@code #cloud-config}
     * @throws MalformedKeyException when it is no YAML, is nested too deeply or full of aliases, a key stands where none can,
     *     or a line is none of {@code authorized_keys}
     * @throws LimitExceededException when it is too long or holds too many keys
     * @throws SshKeyException when a key in it is broken
     */
    public static CloudConfig parse(byte[] content, ReadLimits limits) {
        limits.requireFileBytes(content.length);
        List<Key> keys = new ArrayList<>();
        for (CloudConfigYaml.Text text : CloudConfigYaml.read(decode(content), limits)) {
            for (Line line : AuthorizedKeys.parse(text.text().getBytes(StandardCharsets.UTF_8))
                    .lines()) {
                if (line instanceof Entry entry) {
                    keys.add(new Key(text.user(), entry.options(), entry.key().withComment(entry.comment())));
                } else if (line instanceof Line.Malformed malformed) {
                    throw new MalformedKeyException(
                            FORMAT, "line " + text.line(), malformed.problem().description());
                }
                if (keys.size() > MAX_KEYS) {
                    throw new LimitExceededException(
                            "keys in a cloud-config", keys.size(), MAX_KEYS, "this limit is fixed");
                }
            }
        }
        return new CloudConfig(keys);
    }

    private static String decode(byte[] content) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedKeyException(FORMAT, "text", "it is not UTF-8");
        }
    }

    /**
     * Adds a key of the image's default user.
     *
     * @param key the key
     * @return a copy
     */
    public CloudConfig with(SshPublicKey key) {
        return with(key, KeyOptions.NONE);
    }

    /**
     * Adds a key of the image's default user.
     *
     * @param key the key
     * @param options what stands in front of it
     * @return a copy
     */
    public CloudConfig with(SshPublicKey key, KeyOptions options) {
        return with(new Key(Optional.empty(), options, key));
    }

    /**
     * Adds a key of a user.
     *
     * @param user the user's name
     * @param key the key
     * @param options what stands in front of it
     * @return a copy
     * @throws IllegalArgumentException when the name is empty or holds control characters
     */
    public CloudConfig withUser(String user, SshPublicKey key, KeyOptions options) {
        if (user.isEmpty() || user.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a user's name must not be empty or hold control characters");
        }
        return with(new Key(Optional.of(user), options, key));
    }

    private CloudConfig with(Key key) {
        List<Key> more = new ArrayList<>(keys);
        more.add(key);
        return new CloudConfig(more);
    }

    /**
     * Returns the keys.
     *
     * @return the keys in their order
     */
    public List<Key> keys() {
        return keys;
    }

    /**
     * Writes the document. Every text in it is quoted, so that no reader of YAML takes one for anything else.
     *
     * @return the user data, which is ASCII, with a final line end
     * @throws SshKeyException when a comment or an option is not UTF-8 or holds control characters
     */
    public String toText() {
        return CloudConfigYaml.write(keys.stream()
                .map(key -> new CloudConfigYaml.Text(key.user(), line(key), 0))
                .toList());
    }

    private static String line(Key key) {
        try {
            byte[] line =
                    AuthorizedKeys.empty().add(key.publicKey(), key.options()).toBytes();
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString()
                    .strip();
        } catch (CharacterCodingException e) {
            throw new SshKeyException("the comment of " + key.publicKey().fingerprint()
                    + " is not UTF-8 and cannot stand in YAML: replace it with withComment(...)");
        } catch (EditRefusedException e) {
            throw new SshKeyException(
                    "the line of " + key.publicKey().fingerprint() + " cannot stand in authorized_keys: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Says how many keys there are. */
    @Override
    public String toString() {
        return "CloudConfig[" + keys.size() + " keys]";
    }
}
