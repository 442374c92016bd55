package io.keywright.cli.demo;

import io.keywright.EcdsaCurve;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What {@code authorized_keys} files look like after some years: comments, options, other people's keys, line ends of two
 * kinds, lines that nobody understands any more.
 */
final class SampleKeyFiles {
    private final String alice = line(SshKeyPairGenerator.ed25519().withComment("alice@laptop"));
    private final String backup =
            line(SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256).withComment("backup job"));
    private final String monitor = line(SshKeyPairGenerator.ed25519());

    /** One file: {@code %s} stands for our key's line, which a new server does not have yet. */
    private record Sample(String text, boolean hasKey) {}

    /** Whether the file of a server has our key from the beginning; the others get it over a password log-in. */
    boolean hasKey(int server) {
        return sample(server).hasKey();
    }

    /**
     * Makes a server's file.
     *
     * @param server counts the servers, from 0
     * @param ours the key that is to be rotated
     */
    byte[] of(int server, SshPublicKey ours) {
        return sample(server).text().replace("%s", ours.toLine()).getBytes(StandardCharsets.UTF_8);
    }

    private Sample sample(int server) {
        List<Sample> samples = List.of(
                new Sample(
                        "# managed by hand, ask platform-team\n\n"
                                + "no-agent-forwarding,from=\"127.0.0.1,10.0.0.0/8\" %s\n"
                                + alice
                                + "\n",
                        true),
                new Sample("# edited on Windows\r\n" + alice + "\r\n%s\r\n" + backup + "\r\n", true),
                new Sample(backup + "\nrestrict,pty %s", true),
                new Sample("# new server\n" + alice + "\n" + backup, false),
                new Sample(
                        "frobnicate=\"an option of some other sshd\" " + monitor + "\n%s\n"
                                + "command=\"/usr/bin/uptime # not a comment\",no-pty "
                                + monitor
                                + "\n"
                                + "this line is no key at all\n",
                        true),
                new Sample(
                        "%s\n\t " + alice
                                + "\n# the same key twice\nenvironment=\"NOTE=a, b\",permitopen=\"db:5432\" %s\n",
                        true));
        return samples.get(server % samples.size());
    }

    private static String line(SshKeyPairGenerator generator) {
        try (SshKeyPair pair = generator.generate()) {
            return pair.publicKey().toLine();
        }
    }
}
