package io.keywright.cli;

import io.keywright.transport.ShellRequest;
import io.keywright.transport.ShellSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TerminalSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Opens a shell on a server at this terminal. */
@Command(
        name = "connect",
        sortOptions = false,
        description = "Open a shell on a server at this terminal, or a command that needs one. The exit code is the"
                + " shell's.")
final class ConnectCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectCommand.class);
    private static final int BUFFER_BYTES = 8 << 10;
    // After its last output a shell has nothing to do but to end.
    private static final Duration TIME_TO_END = Duration.ofSeconds(10);

    private final Shell shell;

    @Mixin
    ConnectionOptions connection;

    @Parameters(index = "1..*", paramLabel = "COMMAND", description = "What to run in place of the shell.")
    List<String> words = List.of();

    ConnectCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        if (shell.prompt().isEmpty()) {
            throw new CommandException("a shell needs a terminal, and this is none: 'keywright exec' runs a command");
        }
        return connection.with(this::run);
    }

    private int run(SshConnection open) throws IOException {
        // Other providers load native code, which newer Java versions warn about.
        try (Terminal terminal = TerminalBuilder.builder()
                .system(true)
                .provider(TerminalBuilder.PROP_PROVIDER_EXEC)
                .nativeSignals(true)
                .build()) {
            ShellRequest request = ShellRequest.of(shell.variable("TERM").orElse("dumb"), sizeOf(terminal));
            if (!words.isEmpty()) {
                request = request.withCommand(String.join(" ", words));
            }
            try (ShellSession session = open.shellAccess().orElseThrow().openShell(request)) {
                return run(terminal, session);
            }
        }
    }

    private static int run(Terminal terminal, ShellSession session) throws IOException {
        terminal.handle(Terminal.Signal.WINCH, signal -> session.resize(sizeOf(terminal)));
        Attributes before = terminal.enterRawMode();
        try {
            Thread typing = new Thread(() -> type(terminal, session), "keywright-typing");
            typing.setDaemon(true); // it waits for a key that nobody presses any more
            typing.start();
            copy(session.output(), terminal.output());
        } finally {
            terminal.setAttributes(before);
        }
        return session.awaitEnd(TIME_TO_END) ? session.exitStatus().orElse(Keywright.FAILED) : Keywright.FAILED;
    }

    private static void type(Terminal terminal, ShellSession session) {
        try {
            copy(terminal.input(), session.input());
        } catch (IOException e) {
            LOG.debug("nothing more can be typed", e); // the shell has ended; its output tells
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            to.write(buffer, 0, count);
            to.flush();
        }
    }

    private static TerminalSize sizeOf(Terminal terminal) {
        return new TerminalSize(Math.max(1, terminal.getWidth()), Math.max(1, terminal.getHeight()));
    }
}
