package io.keywright.cli;

import io.keywright.cli.demo.DemoCommand;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The {@code keywright} command. Exit codes: 0 done, 1 failed, 2 wrong usage.
 *
 * <p>A failure is one line on standard error that says what to do; {@code --debug} adds the stack trace.
 */
@Command(
        name = "keywright",
        description = "The SSH key life cycle: generate, read and write, install, rotate, prove.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        subcommands = {
            GenerateCommand.class,
            InspectCommand.class,
            FingerprintCommand.class,
            ConvertCommand.class,
            AuthorizedKeysCommand.class,
            ImportCommand.class,
            InstallCommand.class,
            VerifyCommand.class,
            RemoveCommand.class,
            PlanCommand.class,
            RotateCommand.class,
            ResumeCommand.class,
            CancelCommand.class,
            StatusCommand.class,
            RemoveDeviceCommand.class,
            ReconcileCommand.class,
            DestroyCommand.class,
            AuditCommand.class,
            ScheduleCommand.class,
            ExportPrivateCommand.class,
            StoreCommand.class,
            ConnectCommand.class,
            ExecCommand.class,
            TunnelCommand.class,
            DemoCommand.class,
        })
public final class Keywright implements Runnable {
    /** The exit code of a command that did what it was asked for. */
    public static final int DONE = 0;
    /** The exit code of a command that could not, or whose answer is no. */
    public static final int FAILED = 1;
    /** The exit code of a command that was not called as its help says. */
    public static final int WRONG_USAGE = 2;

    @Spec
    CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Log what is done, and show the stack trace of a failure.")
    boolean debug;

    /** Made by picocli. */
    Keywright() {}

    /**
     * Runs a command in this process and ends the process.
     *
     * @param args the command and its arguments
     */
    public static void main(String[] args) {
        int exitCode = run(Shell.ofProcess(), args);
        System.exit(exitCode);
    }

    /**
     * Runs a command.
     *
     * @param shell what surrounds it
     * @param args the command and its arguments
     * @return the exit code: {@link #DONE}, {@link #FAILED} or {@link #WRONG_USAGE}
     */
    public static int run(Shell shell, String... args) {
        CommandLine commandLine = commandLine(shell);
        int exitCode = commandLine.execute(args);
        // A PrintStream keeps its failures to itself: a full disk or a closed pipe must not look like success.
        if (shell.out().checkError() && exitCode == DONE) {
            shell.err().println("keywright: standard output could not be written");
            return FAILED;
        }
        return exitCode;
    }

    /** Makes the command with all its subcommands, for running it and for asking what there is. */
    static CommandLine commandLine(Shell shell) {
        Keywright root = new Keywright();
        CommandLine commandLine = new CommandLine(root, new InShell(shell));
        Failures failures = new Failures(shell, root);
        commandLine.setOut(writer(shell.out()));
        commandLine.setErr(writer(shell.err()));
        commandLine.setExpandAtFiles(false);
        commandLine.setParameterExceptionHandler(failures);
        commandLine.setExecutionExceptionHandler(failures);
        commandLine.setExecutionStrategy(parsed -> {
            Logging.begin(root.debug);
            return new CommandLine.RunLast().execute(parsed);
        });
        return commandLine;
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    /** Refuses to run without a command. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Gives every command and every group of options its shell. */
    private record InShell(Shell shell) implements IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            for (var constructor : type.getDeclaredConstructors()) {
                Class<?>[] parameters = constructor.getParameterTypes();
                if (parameters.length == 1 && parameters[0] == Shell.class) {
                    return type.cast(constructor.newInstance(shell));
                }
            }
            return CommandLine.defaultFactory().create(type);
        }
    }
}
