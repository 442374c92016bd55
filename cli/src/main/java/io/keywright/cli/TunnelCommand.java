package io.keywright.cli;

import io.keywright.transport.ForwardedPort;
import io.keywright.transport.PortForwarding;
import io.keywright.transport.SshConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Lets a port of this machine lead to a destination beyond a server. */
@Command(
        name = "tunnel",
        sortOptions = false,
        description = "Listen on a port of this machine, and let the server connect whoever comes there with a"
                + " destination that it can reach. Runs until it is interrupted or the connection is lost.")
final class TunnelCommand implements Callable<Integer> {
    private static final Duration GLANCE = Duration.ofMillis(500);

    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Mixin
    ConnectionOptions connection;

    @Option(
            names = "--listen",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "The port on 127.0.0.1; 0, if not given, takes a free one and says which.")
    int listen;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "HOST:PORT",
            converter = Place.WithPort.class,
            description = "The destination, as the server resolves it.")
    Place destination;

    TunnelCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws Exception {
        if (listen < 0 || listen > 65535) {
            throw new ParameterException(spec.commandLine(), "--listen is not within 0..65535");
        }
        return connection.with(this::run);
    }

    private int run(SshConnection open) {
        PortForwarding forwarding = open.portForwarding().orElseThrow();
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), listen);
        try (ForwardedPort port =
                forwarding.listen(local, destination.host(), destination.port().orElseThrow())) {
            shell.out().println("127.0.0.1:" + port.localAddress().getPort());
            while (open.isOpen() && !Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(GLANCE.toNanos());
            }
        }
        if (open.isOpen()) {
            return Keywright.DONE;
        }
        throw new CommandException("the connection to " + open.target() + " was lost");
    }
}
