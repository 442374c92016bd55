package io.keywright.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.NotAKeyException;
import io.keywright.SecretBytes;
import io.keywright.UnsupportedKeyException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The members of the one JWK in a JSON text, as far as a key is made of them (RFC 7517, section 4); all others are ignored,
 * as that section asks. The text may also be a JWK Set (section 5) with one key in it.
 *
 * <p>No name stands twice, nothing follows the object, and the text is UTF-8. Closed after use: the values may be secret.
 * Not thread-safe.
 */
final class JwkMembers implements AutoCloseable {
    static final String FORMAT = KeyFormat.JWK.displayName();
    static final String TYPE = "kty";

    private static final String SET = "keys";
    /** What only an encrypted key has (RFC 7516, section 7.2). */
    private static final String CIPHERTEXT = "ciphertext";
    /** What may be secret, or is needed; the rest is passed over unread. */
    private static final Set<String> TEXTS =
            Set.of(TYPE, "kid", "crv", "n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y");

    /** Of UTF-8, for a char of UTF-16. */
    private static final int MAX_BYTES_PER_CHAR = 3;

    private final Map<String, SecretBytes> texts = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final List<JwkMembers> inSet = new ArrayList<>(2);

    private JwkMembers() {}

    /**
     * Reads the members of the key in a text.
     *
     * @param text holds the text
     * @param from where it begins, with a brace
     * @param to where it ends
     * @throws NotAKeyException when it is JSON and no JWK
     * @throws MalformedKeyException when it is no JSON, a name stands twice, or there are two keys
     * @throws UnsupportedKeyException when the key is encrypted
     * @throws LimitExceededException when it is nested too deeply
     */
    static JwkMembers read(byte[] text, int from, int to, ReadLimits limits) {
        for (int i = from; i < to; i++) {
            // Jackson would take it for UTF-16; JSON is UTF-8 (RFC 8259, section 8.1), which needs no NUL.
            if (text[i] == 0) {
                throw malformed("text", "a NUL byte: save the text as UTF-8");
            }
        }
        JwkMembers members = new JwkMembers();
        boolean done = false;
        try (JsonParser json = factory(limits).createParser(text, from, to - from)) {
            members.readDocument(json);
            done = true;
            return members;
        } catch (StreamConstraintsException e) {
            // Of Jackson's limits only the one of depth can be reached: the size of a text bounds the others.
            throw limits.nestingExceeded("JSON nesting");
        } catch (IOException e) {
            // Without its cause: the parser's message quotes the text. A name that stands twice ends here as well.
            throw malformed("JSON", "it is no JSON, ends too early, or has a member twice in one object");
        } finally {
            if (!done) {
                members.close();
            }
        }
    }

    /** Makes a parser that leaves nothing in buffers or tables which others use after it. */
    private static JsonFactory factory(ReadLimits limits) {
        StreamReadConstraints constraints = StreamReadConstraints.builder()
                .maxNestingDepth(limits.maxNesting())
                .maxStringLength(limits.maxFileBytes())
                .maxNameLength(limits.maxFileBytes())
                .maxNumberLength(limits.maxFileBytes())
                .build();
        return JsonFactory.builder()
                .streamReadConstraints(constraints)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
                .build();
    }

    private void readDocument(JsonParser json) throws IOException {
        json.nextToken();
        readObject(json);
        JsonToken next = json.nextToken();
        if (next == JsonToken.START_OBJECT) {
            throw KeyBlock.twoKeys();
        } else if (next != null) {
            throw malformed("end", "something follows the key");
        }
        // In a key, "keys" is one of the members that mean nothing.
        if (!has(TYPE) && !inSet.isEmpty()) {
            if (inSet.size() > 1) {
                throw KeyBlock.twoKeys();
            }
            become(inSet.get(0));
        }
        if (has(CIPHERTEXT)) {
            throw new UnsupportedKeyException("JWE", "this is an encrypted JWK, which is not read: decrypt it first");
        }
        if (!has(TYPE)) {
            throw new NotAKeyException("no key: the text is JSON, but no JWK, which has a member kty");
        }
    }

    private void readObject(JsonParser json) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            names.add(name);
            JsonToken value = json.nextToken();
            if (value == JsonToken.VALUE_STRING && TEXTS.contains(name)) {
                texts.put(name, text(json, name));
            } else if (value == JsonToken.START_ARRAY && name.equals(SET)) {
                readSet(json);
            } else {
                json.skipChildren();
            }
        }
    }

    /** Reads two keys at most, which is one too many; what is no object is no key. */
    private void readSet(JsonParser json) throws IOException {
        for (JsonToken item = json.nextToken(); item != JsonToken.END_ARRAY; item = json.nextToken()) {
            if (item == JsonToken.START_OBJECT && inSet.size() < 2) {
                JwkMembers key = new JwkMembers();
                inSet.add(key);
                key.readObject(json);
            } else {
                json.skipChildren();
            }
        }
    }

    private void become(JwkMembers other) {
        texts.values().forEach(SecretBytes::close);
        texts.clear();
        texts.putAll(other.texts);
        names.clear();
        names.addAll(other.names);
    }

    private static SecretBytes text(JsonParser json, String name) throws IOException {
        CharBuffer text = CharBuffer.wrap(json.getTextCharacters(), json.getTextOffset(), json.getTextLength());
        byte[] room = new byte[MAX_BYTES_PER_CHAR * text.length()];
        ByteBuffer bytes = ByteBuffer.wrap(room);
        try {
            if (StandardCharsets.UTF_8.newEncoder().encode(text, bytes, true).isError()) {
                throw malformed(name, "half of a surrogate pair is no text");
            }
            return SecretBytes.takeOver(Arrays.copyOf(room, bytes.position()));
        } finally {
            Arrays.fill(room, (byte) 0);
        }
    }

    /** Tells whether there is a member of that name, whatever its value. */
    boolean has(String name) {
        return names.contains(name);
    }

    /** Returns a member that is not secret. */
    String text(String name) {
        return new String(raw(name), StandardCharsets.UTF_8);
    }

    /** Returns a member's text as UTF-8. The caller wipes it. */
    byte[] raw(String name) {
        if (!has(name)) {
            throw malformed(name, "it is missing");
        }
        SecretBytes text = texts.get(name);
        if (text == null) {
            throw malformed(name, "a string is expected");
        }
        return text.toByteArray();
    }

    /**
     * Decodes base64url as RFC 7515, section 2, has it: no padding, no line ends, and nothing in the unused bits of the last
     * character. The caller wipes the result.
     */
    byte[] bytes(String name) {
        byte[] encoded = raw(name);
        byte[] again = {};
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(encoded);
            again = Base64.getUrlEncoder().withoutPadding().encode(bytes);
            if (Arrays.equals(encoded, again)) {
                return bytes;
            }
            Arrays.fill(bytes, (byte) 0);
            throw malformed(name, "no base64url without padding");
        } catch (IllegalArgumentException e) {
            // The decoder's message quotes the input, so it goes no further.
            throw malformed(name, "no base64url without padding");
        } finally {
            Arrays.fill(encoded, (byte) 0);
            Arrays.fill(again, (byte) 0);
        }
    }

    static MalformedKeyException malformed(String where, String problem) {
        return new MalformedKeyException(FORMAT, where, problem);
    }

    @Override
    public void close() {
        texts.values().forEach(SecretBytes::close);
        inSet.forEach(JwkMembers::close);
    }
}
