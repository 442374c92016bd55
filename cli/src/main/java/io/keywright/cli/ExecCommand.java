package io.keywright.cli;

import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one command on a server. */
@Command(
        name = "exec",
        sortOptions = false,
        description = "Run a command on a server, and print what it printed when it has ended. The exit code is the"
                + " command's; it is 1, too, when the command could not be run or a signal ended it.")
final class ExecCommand implements Callable<Integer> {
    // What is kept in memory, twice at most; longer output belongs in a file on the server.
    private static final int MAX_STREAM_BYTES = 64 << 20;

    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Mixin
    ConnectionOptions connection;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "The command and its arguments.")
    List<String> words = List.of();

    @Option(names = "--stdin", description = "Give the command this command's standard input, to its end.")
    boolean stdin;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "How long the command may run; ${DEFAULT-VALUE} if not given.")
    int timeoutSeconds;

    ExecCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        if (timeoutSeconds < 1) {
            throw new ParameterException(spec.commandLine(), "--timeout must be positive");
        }
        byte[] input = stdin ? shell.in().readNBytes(MAX_STREAM_BYTES + 1) : new byte[0];
        try {
            return run(input);
        } finally {
            Arrays.fill(input, (byte) 0); // it may be a secret
        }
    }

    private int run(byte[] input) throws IOException {
        if (input.length > MAX_STREAM_BYTES) {
            throw new CommandException("standard input has more than " + MAX_STREAM_BYTES + " bytes");
        }
        ExecRequest request = ExecRequest.of(String.join(" ", words))
                .withStdin(input)
                .withOutputLimit(MAX_STREAM_BYTES)
                .withTimeout(Duration.ofSeconds(timeoutSeconds));
        return connection.with(open -> {
            ExecResult result = open.exec(request);
            shell.out().write(result.stdout());
            shell.out().flush();
            shell.err().write(result.stderr());
            shell.err().flush();
            result.signal().ifPresent(signal -> shell.warn("signal " + signal + " ended the command"));
            return result.exitStatus().orElse(Keywright.FAILED);
        });
    }
}
