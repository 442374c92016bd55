package io.keywright.cli;

import io.keywright.transport.SshTransport;
import io.keywright.transport.sshd.SshdTransport;
import io.keywright.transport.sshj.SshjTransport;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which SSH library a command connects with. */
final class TransportOption {
    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "sshd",
            description = "The SSH library to connect with: sshd (Apache MINA) or sshj; ${DEFAULT-VALUE} by default.")
    String name;

    /** Creates the transport; the caller closes it. */
    SshTransport create() {
        return switch (name) {
            case "sshd" -> SshdTransport.create();
            case "sshj" -> SshjTransport.create();
            default ->
                throw new ParameterException(
                        command.commandLine(), "--transport is sshd or sshj, not \"" + name + "\"");
        };
    }
}
