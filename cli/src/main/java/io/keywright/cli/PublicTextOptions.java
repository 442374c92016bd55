package io.keywright.cli;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.KeyOptions;
import io.keywright.format.CloudConfig;
import io.keywright.format.SshfpRecord;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the texts about a public key need to know that the key does not tell. */
final class PublicTextOptions {
    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Option(names = "--host", paramLabel = "NAME", description = "Name of the host whose key it is, for sshfp.")
    @Nullable
    String host;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "User who gets the key, for cloud-init; the image's default user without this.")
    @Nullable
    String user;

    @Option(
            names = "--options",
            paramLabel = "OPTIONS",
            description = "Options in front of the key, as in authorized_keys, for cloud-init.")
    @Nullable
    String options;

    /** Fails when an option was given that the target has no use for, or one is missing. */
    void requireSense(KeyTarget target) {
        requireFor(target, KeyTarget.SSHFP, "--host", host);
        requireFor(target, KeyTarget.CLOUD_INIT, "--user", user);
        requireFor(target, KeyTarget.CLOUD_INIT, "--options", options);
        if (target == KeyTarget.SSHFP && host == null) {
            throw usage("--to sshfp needs --host, the name that the records are for");
        }
    }

    private void requireFor(KeyTarget target, KeyTarget only, String name, @Nullable String value) {
        if (value != null && target != only) {
            throw usage(name + " means nothing for --to " + target.label() + ": leave it out");
        }
    }

    /** Writes the text. */
    String text(KeyTarget target, SshPublicKey key) {
        try {
            if (host != null) {
                return SshfpRecord.allOf(host, key).stream()
                        .map(record -> record.toText() + "\n")
                        .collect(Collectors.joining());
            }
            KeyOptions chosen = options == null ? KeyOptions.NONE : KeyOptions.parse(options);
            CloudConfig document = CloudConfig.empty();
            return (user == null ? document.with(key, chosen) : document.withUser(user, key, chosen)).toText();
        } catch (IllegalArgumentException e) {
            throw usage("--to " + target.label() + ": " + e.getMessage());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
