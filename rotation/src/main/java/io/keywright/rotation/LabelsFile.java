package io.keywright.rotation;

import com.fasterxml.jackson.core.JsonGenerator;
import io.keywright.KeyComment;
import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.rotation.CredentialLabels.Stored;
import io.keywright.rotation.JsonFields.DamagedException;
import io.keywright.rotation.KeyVersion.Label;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The file {@code labels.jsonl} of a credential: a line with the HMAC-SHA256 of the other line, and the other line.
 *
 * <pre>{@code
 * {"format":"keywright labels","version":1,"hmac":"..."}
 * {"credential":"web","fence":3,"generation":7,"password":0,
 *  "versions":[{"number":1,"label":"CURRENT","blob":"...","comment":"...","created":"...","changed":"...","rotation":"...",
 *               "sha256":"..."}],
 *  "devices":[{"accepts":"1 2","ids":["web-1","web-2"]}]}
 * }</pre>
 *
 * <p>The second line is one line in the file, without its line feed in the HMAC, and is not looked at before it is
 * authenticated. Blob and comment are base64 of the bytes. A missing rotation is the empty text. Devices that may accept the
 * same versions stand together.
 */
final class LabelsFile {
    /** Half a million devices with long ids, or 60,000 versions. */
    static final int MAX_BYTES = 32 << 20;

    private static final String FORMAT = "keywright labels";

    private LabelsFile() {}

    static byte[] encode(CredentialLabels labels, StoreKeys keys) {
        byte[] body = JsonFields.object(json -> {
            json.writeStringField("credential", labels.credential());
            json.writeNumberField("fence", labels.fence());
            json.writeNumberField("generation", labels.generation());
            json.writeNumberField("password", labels.password());
            json.writeArrayFieldStart("versions");
            for (Stored stored : labels.versions()) {
                writeVersion(json, stored);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("devices");
            writeDevices(json, labels.mayAccept());
            json.writeEndArray();
        });
        byte[] head = JsonFields.object(json -> {
            json.writeStringField("format", FORMAT);
            json.writeNumberField("version", 1);
            json.writeStringField("hmac", JsonFields.base64(keys.authenticate(body)));
        });
        ByteArrayOutputStream file = new ByteArrayOutputStream(head.length + body.length + 2);
        file.writeBytes(head);
        file.write('\n');
        file.writeBytes(body);
        file.write('\n');
        return file.toByteArray();
    }

    static CredentialLabels decode(byte[] file, String credential, StoreKeys keys) throws DamagedException {
        int headEnd = 0;
        while (headEnd < file.length && file[headEnd] != '\n') {
            headEnd++;
        }
        int bodyEnd = file.length - 1;
        if (bodyEnd <= headEnd || file[bodyEnd] != '\n') {
            throw new DamagedException("it is cut off");
        }
        byte[] body = Arrays.copyOfRange(file, headEnd + 1, bodyEnd);
        byte[] hmac;
        try (JsonFields head = new JsonFields(Arrays.copyOf(file, headEnd))) {
            JsonFields.expect(head.string("format").equals(FORMAT));
            head.number("version", 1, 1);
            hmac = head.bytes("hmac");
            head.endOfText();
        }
        if (!MessageDigest.isEqual(hmac, keys.authenticate(body))) {
            throw new DamagedException("it does not authenticate: it was damaged, or changed by somebody else");
        }
        try (JsonFields fields = new JsonFields(body)) {
            CredentialLabels labels = read(fields);
            if (!labels.credential().equals(credential)) {
                throw new DamagedException("it belongs to the credential " + labels.credential());
            }
            return labels;
        }
    }

    private static CredentialLabels read(JsonFields fields) throws DamagedException {
        String credential = fields.string("credential");
        long fence = fields.number("fence", 0, Long.MAX_VALUE - 1);
        long generation = fields.number("generation", 0, Long.MAX_VALUE - 1);
        int password = (int) fields.number("password", 0, Integer.MAX_VALUE - 1);
        List<Stored> versions = new ArrayList<>();
        fields.array("versions");
        while (fields.nextObject()) {
            versions.add(readVersion(fields));
        }
        Map<String, Set<Integer>> devices = new TreeMap<>();
        fields.array("devices");
        while (fields.nextObject()) {
            readDevices(fields, devices);
        }
        fields.endOfText();
        return new CredentialLabels(credential, fence, generation, password, versions, devices);
    }

    private static void writeVersion(JsonGenerator json, Stored stored) throws IOException {
        KeyVersion version = stored.version();
        json.writeStartObject();
        json.writeNumberField("number", version.number());
        json.writeStringField("label", version.label().name());
        json.writeStringField("blob", JsonFields.base64(version.publicKey().blob()));
        json.writeStringField(
                "comment", JsonFields.base64(version.publicKey().comment().toByteArray()));
        json.writeStringField("created", version.created().toString());
        json.writeStringField("changed", version.changed().toString());
        json.writeStringField("rotation", version.rotation().orElse(""));
        json.writeStringField("sha256", stored.sha256());
        json.writeEndObject();
    }

    private static Stored readVersion(JsonFields fields) throws DamagedException {
        int number = (int) fields.number("number", 1, Integer.MAX_VALUE - 1);
        Label label = label(fields.string("label"));
        byte[] blob = fields.bytes("blob");
        byte[] comment = fields.bytes("comment");
        Instant created = fields.instant("created");
        Instant changed = fields.instant("changed");
        String rotation = fields.string("rotation");
        String sha256 = fields.string("sha256");
        fields.endOfObject();
        try {
            SshPublicKey key = SshPublicKey.fromBlob(blob).withComment(KeyComment.ofBytes(comment));
            Optional<String> stagedBy = Optional.of(rotation).filter(id -> !id.isEmpty());
            return new Stored(new KeyVersion(number, label, key, created, changed, stagedBy), sha256);
        } catch (SshKeyException e) {
            throw new DamagedException("the public key of version " + number + " is broken");
        }
    }

    private static Label label(String name) throws DamagedException {
        return Arrays.stream(Label.values())
                .filter(label -> label.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new DamagedException(
                        "it has a label that this version does not know: a newer one may have written it"));
    }

    private static void writeDevices(JsonGenerator json, Map<String, Set<Integer>> mayAccept) throws IOException {
        Map<String, List<String>> byVersions = new TreeMap<>();
        mayAccept.forEach((device, numbers) -> byVersions
                .computeIfAbsent(text(numbers), key -> new ArrayList<>())
                .add(device));
        for (Map.Entry<String, List<String>> group : byVersions.entrySet()) {
            json.writeStartObject();
            json.writeStringField("accepts", group.getKey());
            json.writeArrayFieldStart("ids");
            for (String device : group.getValue()) {
                json.writeString(device);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void readDevices(JsonFields fields, Map<String, Set<Integer>> devices) throws DamagedException {
        Set<Integer> numbers = new TreeSet<>();
        try {
            for (String number : fields.string("accepts").split(" ", -1)) {
                numbers.add(Integer.valueOf(number));
            }
        } catch (NumberFormatException e) {
            throw new DamagedException("its accepted versions are not numbers");
        }
        Set<Integer> shared = Set.copyOf(numbers); // one set for all devices of the group
        fields.array("ids");
        for (Optional<String> id = fields.nextString(); id.isPresent(); id = fields.nextString()) {
            devices.put(id.get(), shared);
        }
        fields.endOfObject();
    }

    private static String text(Set<Integer> numbers) {
        return String.join(
                " ", new TreeSet<>(numbers).stream().map(String::valueOf).toList());
    }
}
