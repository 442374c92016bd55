package io.keywright.cli;

import io.keywright.KeyComment;
import io.keywright.rotation.Credential;
import io.keywright.rotation.Device;
import io.keywright.rotation.KeySpec;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.schedule.MaintenanceWindow;
import io.keywright.rotation.schedule.SchedulePolicy;
import io.keywright.rotation.schedule.ScheduledCredential;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * A credential file: a {@link Credential} in YAML, and where the host keys of its devices are.
 *
 * <pre>
 * name: deploy-prod                 # [A-Za-z0-9_-]{1,64}
 * owner: platform-team
 * user: deploy
 * authenticate-with: self           # or the name of another credential in the store
 * key: { type: ed25519, bits: none but for rsa, comment: deploy-prod }
 * policy: { automatic: true, interval: P90D, canary: 1, parallelism: 1, on-failure: abort, settle: PT24H, attempts: 3,
 *           wave-size: 50, order: original-first, max-failures: 2, overlap: PT6H, dead-man: PT12H }
 * schedule:                         # for rotations that are automatic
 *   { jitter: PT36H, max-age: P120D, retry: PT15M, windows: [ "mon-thu 22:00-04:00 Europe/Berlin" ] }
 * known-hosts: known_hosts          # relative to this file
 * devices:
 *   - { id: web-1, host: 127.0.0.1, port: 2201, original: true }
 *   - { id: web-2, host: 127.0.0.1, port: 2202, user: other, authorized-keys: "%h/.ssh/authorized_keys" }
 *   - { id: web-3, host: 127.0.0.1, port: 2203, administrator: root }   # edits the files; needs authenticate-with
 * </pre>
 *
 * <p>What a value may be is decided by the library's own records: each value is tried in one of them alone, so that what it
 * says against it is said with the value's place.
 *
 * @param path where it was read
 * @param credential the credential
 * @param schedule when its key may be changed
 * @param knownHosts the file with the devices' host keys, or empty when the file names none
 */
record CredentialFile(Path path, Credential credential, SchedulePolicy schedule, Optional<Path> knownHosts) {
    private static final int SSH_PORT = 22;
    private static final String SELF = "self";
    /** Stands in for what is wrong or missing while the rest is checked; no credential with it is ever returned. */
    private static final String STAND_IN = "x";
    /** As {@link #STAND_IN}, and no real device has it, so that two of them are no second error. */
    private static final String STAND_IN_ID = "stand-in.for.a-wrong-id";

    /**
     * Reads a credential file.
     *
     * @throws FileErrorsException when it has errors, with all of them
     */
    static CredentialFile read(Path path) throws IOException {
        YamlErrors errors = new YamlErrors(path.toString());
        YamlNode root = YamlFile.read(path, errors);
        YamlFields fields = YamlFields.of(root, "a credential file", errors).orElseThrow(errors::exception);
        Reading reading = new Reading(errors);
        Credential credential = reading.credential(fields);
        SchedulePolicy schedule = reading.schedule(fields, credential);
        Optional<String> knownHosts = fields.text("known-hosts");
        if (knownHosts.isPresent() && knownHosts.get().isBlank()) {
            fields.error("known-hosts", "'known-hosts' names no file");
        }
        fields.refuseOthers();
        errors.throwIfAny();
        return new CredentialFile(
                path,
                credential,
                schedule,
                knownHosts.map(
                        text -> path.toAbsolutePath().resolveSibling(text).normalize()));
    }

    /** One pass over a file. */
    private record Reading(YamlErrors errors) {

        Credential credential(YamlFields fields) {
            String name = fields.requiredText("name").orElse(STAND_IN);
            name = checked(fields, "name", name, STAND_IN, text -> {
                Credential.requireName(text);
                return text;
            });
            String owner = fields.text("owner").orElse("");
            String user = fields.requiredText("user").orElse(STAND_IN);
            user = checked(
                    fields,
                    "user",
                    user,
                    STAND_IN,
                    text -> Credential.of(STAND_IN, text, List.of()).user());
            Optional<String> authenticateWith = fields.text("authenticate-with")
                    .filter(text -> !text.equals(SELF))
                    .map(text -> checked(fields, "authenticate-with", text, STAND_IN, other -> {
                        Credential.requireName(other);
                        return other;
                    }));
            String comment = name;
            KeySpec key = fields.node("key")
                    .flatMap(node -> YamlFields.of(node, "'key'", errors))
                    .map(found -> key(found, comment))
                    .orElseGet(() -> KeySpec.ed25519(comment));
            RotationPolicy policy = fields.node("policy")
                    .flatMap(node -> YamlFields.of(node, "'policy'", errors))
                    .map(this::policy)
                    .orElse(RotationPolicy.DEFAULT);
            List<Device> devices = devices(fields, authenticateWith.isPresent());
            // With errors in it, the whole may be refused for what is no error of its own, such as two stand-ins.
            return errors.isEmpty()
                    ? new Credential(name, owner, user, authenticateWith, key, policy, devices)
                    : Credential.of(STAND_IN, STAND_IN, List.of());
        }

        SchedulePolicy schedule(YamlFields file, Credential credential) {
            return file.node("schedule")
                    .flatMap(node -> YamlFields.of(node, "'schedule'", errors))
                    .map(fields -> schedulePolicy(fields, credential))
                    .orElse(SchedulePolicy.DEFAULT);
        }

        private SchedulePolicy schedulePolicy(YamlFields fields, Credential credential) {
            SchedulePolicy policy = SchedulePolicy.DEFAULT;
            Duration jitter = duration(fields, "jitter", policy.jitter());
            jitter = checked(
                    fields,
                    "jitter",
                    jitter,
                    policy.jitter(),
                    value -> new ScheduledCredential(credential, with(value, Optional.empty(), policy.retry()))
                            .policy()
                            .jitter());
            Optional<Duration> maximumAge =
                    fields.node("max-age").map(node -> duration(fields, "max-age", Duration.ofDays(1)));
            maximumAge = checked(
                    fields,
                    "max-age",
                    maximumAge,
                    Optional.empty(),
                    value -> with(policy.jitter(), value, policy.retry()).maximumAge());
            Duration retry = duration(fields, "retry", policy.retry());
            retry = checked(
                    fields,
                    "retry",
                    retry,
                    policy.retry(),
                    value -> with(policy.jitter(), Optional.empty(), value).retry());
            List<MaintenanceWindow> windows = checked(
                    fields,
                    "windows",
                    fields.texts("windows").orElse(List.of()),
                    List.of(),
                    texts -> texts.stream().map(MaintenanceWindow::parse).toList());
            fields.refuseOthers();
            return new SchedulePolicy(jitter, maximumAge, windows, retry);
        }

        private static SchedulePolicy with(Duration jitter, Optional<Duration> maximumAge, Duration retry) {
            return new SchedulePolicy(jitter, maximumAge, List.of(), retry);
        }

        private KeySpec key(YamlFields fields, String defaultComment) {
            KeySpec.Type type = fields.text("type")
                    .map(text -> oneOf(fields, "type", text, KeySpec.Type.values(), KeySpec.Type::label))
                    .orElse(KeySpec.Type.ED25519);
            String comment = fields.text("comment").orElse(defaultComment);
            if (!KeyComment.of(comment).fitsInLine()) {
                fields.error("comment", "a comment must not have control characters");
            }
            OptionalInt bits = fields.number("bits").map(OptionalInt::of).orElse(OptionalInt.empty());
            fields.refuseOthers();
            KeySpec plain = new KeySpec(type, OptionalInt.empty(), comment);
            return checked(fields, "bits", bits, plain, size -> {
                KeySpec key = new KeySpec(type, size, comment);
                key.generator();
                return key;
            });
        }

        private RotationPolicy policy(YamlFields fields) {
            RotationPolicy policy = RotationPolicy.DEFAULT;
            policy = policy.withAutomatic(fields.truth("automatic").orElse(policy.automatic()));
            Duration interval = duration(fields, "interval", policy.interval());
            policy = checked(fields, "interval", interval, policy, policy::withInterval);
            policy = number(fields, "canary", policy, policy::withCanary);
            policy = number(fields, "parallelism", policy, policy::withParallelism);
            Optional<String> onFailure = fields.text("on-failure");
            if (onFailure.isPresent()) {
                policy = policy.withOnFailure(
                        oneOf(fields, "on-failure", onFailure.get(), RotationPolicy.OnFailure.values(), Json::label));
            }
            Duration settle = duration(fields, "settle", policy.settle());
            policy = checked(fields, "settle", settle, policy, policy::withSettle);
            policy = number(fields, "attempts", policy, policy::withAttempts);
            policy = number(fields, "wave-size", policy, policy::withWaveSize);
            policy = number(fields, "max-failures", policy, policy::withMaxFailures);
            Optional<String> order = fields.text("order");
            if (order.isPresent()) {
                policy = policy.withOrder(
                        oneOf(fields, "order", order.get(), RotationPolicy.Order.values(), Json::label));
            }
            Duration overlap = duration(fields, "overlap", policy.overlap());
            policy = checked(fields, "overlap", overlap, policy, policy::withOverlap);
            if (fields.text("dead-man").isPresent()) {
                Duration deadMan = duration(fields, "dead-man", RotationPolicy.MIN_DEAD_MAN);
                policy = checked(fields, "dead-man", deadMan, policy, policy::withDeadMan);
            }
            fields.refuseOthers();
            return policy;
        }

        private RotationPolicy number(
                YamlFields fields, String name, RotationPolicy policy, Function<Integer, RotationPolicy> change) {
            Optional<Integer> number = fields.number(name);
            return number.isPresent() ? checked(fields, name, number.get(), policy, change) : policy;
        }

        private List<Device> devices(YamlFields fields, boolean mayHaveAdministrators) {
            Optional<YamlNode> node = fields.node("devices");
            if (node.isEmpty()) {
                errors.add(fields.place(), "'devices' is missing");
                return List.of();
            }
            if (!(node.get() instanceof YamlNode.Sequence sequence)) {
                fields.error(
                        "devices",
                        "'devices' should be a list, but is " + node.get().kind());
                return List.of();
            }
            List<Device> devices = new ArrayList<>();
            Map<String, YamlNode.Place> ids = new HashMap<>();
            Optional<YamlNode.Place> original = Optional.empty();
            for (YamlNode item : sequence.items()) {
                Optional<YamlFields> found = YamlFields.of(item, "a device", errors);
                if (found.isEmpty()) {
                    continue;
                }
                Device device = device(found.get());
                devices.add(device);
                if (!mayHaveAdministrators
                        && device.administrator()
                                .filter(name -> !name.isBlank())
                                .isPresent()) {
                    found.get()
                            .error(
                                    "administrator",
                                    "'administrator' needs 'authenticate-with', which names the credential that holds"
                                            + " the administrator's key or password");
                }
                YamlNode.Place earlier =
                        ids.putIfAbsent(device.id(), found.get().place("id"));
                if (earlier != null && !device.id().equals(STAND_IN_ID)) {
                    found.get().error("id", "this id is taken by the device on line " + earlier.line());
                }
                if (device.original() && original.isPresent()) {
                    found.get()
                            .error(
                                    "original",
                                    "only one device is the original, and the one on line "
                                            + original.get().line() + " is");
                } else if (device.original()) {
                    original = Optional.of(found.get().place("original"));
                }
            }
            return devices;
        }

        private Device device(YamlFields fields) {
            String id = fields.requiredText("id").orElse(STAND_IN_ID);
            id = checked(
                    fields,
                    "id",
                    id,
                    STAND_IN_ID,
                    text -> Device.of(text, STAND_IN, SSH_PORT).id());
            String host = fields.requiredText("host").orElse(STAND_IN);
            if (host.isBlank()) {
                fields.error("host", "'host' is empty: a name or an address is expected");
                host = STAND_IN;
            }
            int port = fields.number("port").orElse(SSH_PORT);
            port = checked(
                    fields,
                    "port",
                    port,
                    SSH_PORT,
                    value -> Device.of(STAND_IN, STAND_IN, value).port());
            Optional<String> user = fields.text("user");
            if (user.isPresent() && user.get().isBlank()) {
                fields.error("user", "'user' is empty: leave it out where it is the credential's");
            }
            boolean original = fields.truth("original").orElse(false);
            List<String> files = fields.texts("authorized-keys").orElse(Device.DEFAULT_AUTHORIZED_KEYS_FILES);
            if (files.isEmpty() || files.stream().anyMatch(String::isBlank)) {
                fields.error("authorized-keys", "'authorized-keys' names no file: leave it out for sshd's default");
                files = Device.DEFAULT_AUTHORIZED_KEYS_FILES;
            }
            files = checked(
                    fields,
                    "authorized-keys",
                    files,
                    Device.DEFAULT_AUTHORIZED_KEYS_FILES,
                    names -> Device.of(STAND_IN_ID, STAND_IN, SSH_PORT)
                            .withAuthorizedKeysFiles(names)
                            .authorizedKeysFiles());
            Optional<String> administrator = fields.text("administrator");
            if (administrator.isPresent() && administrator.get().isBlank()) {
                fields.error(
                        "administrator", "'administrator' is empty: leave it out where the user edits its own files");
            }
            fields.refuseOthers();
            return new Device(id, host, port, user, original, files, administrator);
        }

        private Duration duration(YamlFields fields, String name, Duration otherwise) {
            return fields.text(name)
                    .map(text -> {
                        try {
                            return Duration.parse(text);
                        } catch (DateTimeParseException e) {
                            fields.error(
                                    name, "'" + name + "' is no ISO 8601 duration of days or less: P90D or PT24H is");
                            return otherwise;
                        }
                    })
                    .orElse(otherwise);
        }

        private <T> T oneOf(YamlFields fields, String name, String text, T[] choice, Function<T, String> label) {
            List<T> all = Arrays.asList(choice);
            return all.stream()
                    .filter(one -> label.apply(one).equals(text))
                    .findFirst()
                    .orElseGet(() -> {
                        fields.error(
                                name,
                                "'" + text + "' is none of "
                                        + String.join(
                                                ", ", all.stream().map(label).toList()));
                        return all.get(0);
                    });
        }

        /** Tries a value where the library checks it; when it is refused, notes why and where, and goes on with another. */
        private <T, R> R checked(YamlFields fields, String name, T value, R otherwise, Function<T, R> check) {
            try {
                return check.apply(value);
            } catch (IllegalArgumentException e) {
                fields.error(name, String.valueOf(e.getMessage()));
                return otherwise;
            }
        }
    }
}
