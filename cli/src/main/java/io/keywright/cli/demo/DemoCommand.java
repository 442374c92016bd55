package io.keywright.cli.demo;

import io.keywright.cli.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Starts a fleet of SSH servers on this machine and rotates a key on all of them. */
@Command(
        name = "demo",
        sortOptions = false,
        description = "Start a fleet of SSH servers on this machine, rotate a key on all of them, and check the result"
                + " without the engine. Exits with 0 only when everything is right. Nothing stays behind.")
public final class DemoCommand implements Callable<Integer> {
    /** The demonstration works on one after the other: with more, it takes longer and shows nothing new. */
    private static final int MAX_DEVICES = 1000;

    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "12",
            description = "How many servers; ${DEFAULT-VALUE} without this, " + MAX_DEVICES + " at most.")
    int devices;

    @Option(names = "--crash", description = "Kill the engine's process in the middle, twice, and resume what it left.")
    boolean crash;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the rotation's report as JSON.")
    @Nullable
    Path report;

    @Option(
            names = "--read-only",
            paramLabel = "ID",
            description = "Make this server's file system read-only before the rotation, to see what happens when it"
                    + " cannot succeed. Twelve servers are called server-01 to server-12.")
    @Nullable
    String readOnly;

    @Option(names = "--keep", description = "Leave the folder with all files, and say where it is.")
    boolean keep;

    /**
     * Makes the command.
     *
     * @param shell where it tells what happens
     */
    public DemoCommand(Shell shell) {
        this.shell = shell;
    }

    /**
     * Runs the demonstration.
     *
     * @return 0 when everything is right, else 1
     * @throws IOException when a file or a process of the demonstration fails
     * @throws InterruptedException when the thread is interrupted
     */
    @Override
    public Integer call() throws IOException, InterruptedException {
        int least = crash ? 2 : 1;
        if (devices < least || devices > MAX_DEVICES) {
            throw usage("--devices must be " + least + " to " + MAX_DEVICES + (crash ? " with --crash" : ""));
        }
        if (crash && readOnly != null) {
            throw usage("--crash and --read-only are two stories: choose one");
        }
        if (report != null && !Files.isDirectory(report.toAbsolutePath().resolveSibling(""))) {
            throw usage("--report: there is no folder for " + report);
        }
        try (DemoFolder folder = DemoFolder.create(keep, shell.err())) {
            Demo demo = new Demo(shell, folder, devices, Optional.ofNullable(report));
            if (readOnly != null && !demo.ids().contains(readOnly)) {
                throw usage("--read-only: the servers are " + demo.ids().get(0) + " to "
                        + demo.ids().get(devices - 1));
            }
            boolean right = demo.run(crash, Optional.ofNullable(readOnly));
            if (keep) {
                shell.out().println("Kept: " + folder.root() + " (it holds the demo's own keys and secrets)");
            }
            return right ? 0 : 1;
        }
    }

    private ParameterException usage(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }
}
