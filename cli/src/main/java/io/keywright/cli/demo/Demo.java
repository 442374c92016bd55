package io.keywright.cli.demo;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.cli.Keywright;
import io.keywright.cli.Shell;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.DirectoryCredentialStore;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.StoredSecret;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The story that the demonstration tells: every step of it is a {@code keywright} command that a user could type. */
final class Demo {
    private static final String CREDENTIAL = "deploy-demo";
    // More of them would hide the first ones.
    private static final int MAX_PROBLEMS_SHOWN = 10;
    // Room for a few devices; two hundred of them tell nothing more.
    private static final int MAX_COMMAND_CHARS = 240;
    // The engine ends long before; a test must not wait for ever.
    private static final long ENGINE_END_SECONDS = 60;

    private final Shell shell;
    private final DemoFolder folder;
    private final Optional<Path> reportFile;
    private final List<String> ids = new ArrayList<>();
    private int step;

    /** A step that the story cannot go on without has failed. */
    private static final class StepFailedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        StepFailedException(String message) {
            super(message);
        }
    }

    Demo(Shell shell, DemoFolder folder, int devices, Optional<Path> reportFile) {
        this.shell = shell;
        this.folder = folder;
        this.reportFile = reportFile;
        int digits = Math.max(2, String.valueOf(devices).length());
        for (int i = 1; i <= devices; i++) {
            ids.add(String.format(Locale.ROOT, "server-%0" + digits + "d", i));
        }
    }

    List<String> ids() {
        return List.copyOf(ids);
    }

    /** Tells the story. Returns whether everything is right at its end. */
    boolean run(boolean crash, Optional<String> readOnly) throws IOException, InterruptedException {
        try {
            return tell(crash, readOnly);
        } catch (StepFailedException e) {
            say("");
            shell.out().println("FAILED: " + e.getMessage());
            return false;
        }
    }

    private boolean tell(boolean crash, Optional<String> readOnly) throws IOException, InterruptedException {
        say("A key is replaced on " + ids.size()
                + " SSH servers. At no moment is anybody locked out, and at the end the old");
        say("key is proved dead on each of them. Everything happens on this machine, in " + folder.root());
        SampleKeyFiles files = new SampleKeyFiles();
        makeFirstKey();
        writeKeyFiles(files);
        try (FleetProcess fleet = FleetProcess.start(folder);
                FleetCheck check = FleetCheck.remembering(fleet.members())) {
            folder.writeCredential(CREDENTIAL, fleet.members());
            heading("A fleet: " + ids.size() + " SSH servers on " + FleetMember.HOST + ", in process " + fleet.pid());
            say("Each has its own host key, and an authorized_keys file as they are found in the wild: comments,");
            say("options, other people's keys, CRLF, no final line end, the same key twice.");
            install(check, files);
            if (readOnly.isPresent()) {
                fleet.makeReadOnly(readOnly.get());
                say("From now on the file system of " + readOnly.get()
                        + " is read-only, which nobody has noticed yet.");
            }
            heading("How it is done");
            say(
                    "The new key is in the store before any server hears of it. It is added on every server, one after the");
            say(
                    "other, and logs in there, before the store switches over to it. Only then is the old key removed, again");
            say("one server after the other, and each of them is asked whether it refuses that key now.");
            boolean rotated = crash ? rotateAndCrash(check) : planAndRotate();
            writeReport();
            return verdict(check, rotated);
        }
    }

    // ---- the steps

    private void makeFirstKey() throws IOException {
        quietly("generate", "--comment", CREDENTIAL, "--out", folder.firstKey().toString());
    }

    /** The administrators' work of years: the first key is on most servers already. */
    private void writeKeyFiles(SampleKeyFiles files) throws IOException {
        SshPublicKey key =
                SshPublicKey.parseLine(Files.readAllBytes(folder.firstKey().resolveSibling("first-key.pub")));
        for (int i = 0; i < ids.size(); i++) {
            Path file = FleetMember.keysFileIn(folder.fleet().resolve(ids.get(i)));
            Files.createDirectories(
                    file.resolveSibling(""),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(file, files.of(i, key));
        }
    }

    private void install(FleetCheck check, SampleKeyFiles files) throws IOException {
        heading("The key in use becomes version 1 in an encrypted store");
        String[] importing = command("import", folder.firstKey().toString());
        show(importing);
        quietly(importing);
        List<String> missing = IntStream.range(0, ids.size())
                .filter(server -> !files.hasKey(server))
                .mapToObj(ids::get)
                .toList();
        if (missing.isEmpty()) {
            say("It is on every server already.");
            return;
        }
        say("It is on " + (ids.size() - missing.size()) + " of " + ids.size()
                + " servers already. The others get it over a log-in with a password:");
        List<String> options =
                new ArrayList<>(List.of("--password-file", folder.passwordFile().toString()));
        for (String id : missing) {
            options.addAll(List.of("--device", id));
        }
        String[] installing = command("install", options.toArray(String[]::new));
        show(installing);
        quietly(installing);
        say("It logs in there now, and "
                + count(check.changed().size(), "file was", "files were")
                + " changed for that.");
    }

    private boolean planAndRotate() {
        heading("Plan: look at every server, change nothing");
        String[] planning = command("plan");
        show(planning);
        quietly(planning);
        say("Nothing stands in the way on " + ids.size() + " of " + ids.size() + " servers.");
        heading("Rotate");
        String[] rotating = command("rotate");
        show(rotating);
        return Keywright.run(shell, rotating) == Keywright.DONE;
    }

    private boolean rotateAndCrash(FleetCheck check) throws IOException, InterruptedException {
        int early = Math.max(1, ids.size() * 5 / 12);
        heading("Rotate, in a process of its own, and kill that process while the new key is being added");
        killDuring(Phase.EXPAND, early, "rotate");
        showWhereItStands(check);
        int late = Math.max(1, ids.size() / 2);
        heading("Resume in a new process, and kill that one while the old key is being removed");
        killDuring(Phase.CONTRACT, late, "resume");
        showWhereItStands(check);
        heading("Resume once more: it finishes what is left, and touches nothing that is right already");
        String[] resuming = command("resume");
        show(resuming);
        try (EngineProcess engine = new EngineProcess(resuming)) {
            engine.relay(Optional.empty());
            boolean done = engine.exitCode() == Keywright.DONE;
            engine.printed().lines().forEach(shell.out()::println);
            return done;
        }
    }

    /** Lets the engine work until it has finished a phase on so many servers, then kills it as the power supply might. */
    private void killDuring(Phase phase, int servers, String command) throws IOException, InterruptedException {
        String[] running = command(command);
        show(running);
        // What the engine says when it is done with that server, in its own words.
        String last = new RotationEvent.DeviceDone(Instant.EPOCH, phase, ids.get(servers - 1), servers, ids.size())
                .describe();
        try (EngineProcess engine = new EngineProcess(running)) {
            boolean reached = engine.relay(Optional.of(last));
            if (!reached || engine.exitCode() != JavaProcess.KILLED) {
                throw new StepFailedException("the engine's process ended before it could be killed");
            }
            say("Killed: process " + engine.pid() + " got SIGKILL while it was at work on the next server.");
        }
    }

    private void showWhereItStands(FleetCheck check) throws IOException {
        String[] asking = command("status");
        show(asking);
        StatusFacts facts = status();
        facts.versions().forEach(this::say);
        for (Map.Entry<String, Integer> meaning : facts.devices().entrySet()) {
            say(count(meaning.getValue(), "server", "servers") + ": " + meaning.getKey());
        }
        requireNobodyLockedOut(check);
    }

    private void requireNobodyLockedOut(FleetCheck check) throws IOException {
        try (Keys keys = keys()) {
            List<String> lockedOut = check.lockedOut(keys.current());
            if (!lockedOut.isEmpty()) {
                showProblems(lockedOut);
                throw new StepFailedException("the store's current key does not log in everywhere");
            }
            say("No lock-out: the store's current key (version " + keys.currentVersion() + ") logs in to all "
                    + ids.size() + " servers, tried just now.");
        }
    }

    private boolean verdict(FleetCheck check, boolean rotated) throws IOException {
        heading("Check without the engine: new connections, and the files on the disk");
        try (Keys keys = keys()) {
            List<String> problems = new ArrayList<>();
            if (!rotated) {
                problems.add("the rotation did not reach its aim, see its report");
            }
            problems.addAll(check.problemsAfter(keys.first(), keys.current()));
            if (problems.isEmpty()) {
                String all = ids.size() + " of " + ids.size() + " servers";
                say("The new key logs in to " + all + ", the old one is refused by " + all + ".");
                say(check.foreignLines(keys.first().publicKey())
                        + " lines that are not ours are byte for byte what they"
                        + " were, and every option stands where it stood.");
                say("");
                shell.out()
                        .println("OK: the key is replaced on all " + ids.size() + " servers and the old one is dead.");
                return true;
            }
            showProblems(problems);
            List<String> lockedOut = check.lockedOut(keys.current());
            showProblems(lockedOut);
            say("");
            shell.out()
                    .println("FAILED: the key is not replaced everywhere. "
                            + (lockedOut.isEmpty()
                                    ? "Nobody is locked out: the store's current key (version " + keys.currentVersion()
                                            + ") logs in to all " + ids.size() + " servers."
                                    : "And the store's current key does not log in everywhere!"));
            return false;
        }
    }

    private void writeReport() throws IOException {
        if (reportFile.isPresent()) {
            Files.writeString(reportFile.get(), status().latestRotation() + "\n");
        }
    }

    // ---- commands

    private String[] command(String name, String... more) {
        List<String> command = new ArrayList<>(List.of(
                name,
                "--credential",
                folder.credentialFile().toString(),
                "--store",
                folder.store().toString(),
                "--secret-file",
                folder.secretFile().toString()));
        command.addAll(List.of(more));
        return command.toArray(String[]::new);
    }

    /** Runs a command and keeps what it prints, unless it fails. */
    private String quietly(String... command) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        Shell quiet = Shell.of(InputStream.nullInputStream(), stream, stream, Map.of());
        if (Keywright.run(quiet, command) != Keywright.DONE) {
            out.toString(StandardCharsets.UTF_8).lines().forEach(shell.err()::println);
            throw new StepFailedException("keywright " + command[0] + " failed");
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private StatusFacts status() throws IOException {
        return StatusFacts.parse(quietly(command("status", "--json")));
    }

    /** The {@code keywright} command in a process of its own. */
    private final class EngineProcess implements AutoCloseable {
        private final JavaProcess process;
        private final Path output = folder.root().resolve("engine-output");

        EngineProcess(String[] command) throws IOException {
            process = JavaProcess.start(
                    Keywright.class,
                    ProcessBuilder.Redirect.to(output.toFile()),
                    ProcessBuilder.Redirect.PIPE,
                    List.of(command));
            folder.endsWithUs(process);
        }

        long pid() {
            return process.pid();
        }

        /** Shows its progress as it comes, and kills it at a certain line. Returns whether that line came. */
        boolean relay(Optional<String> last) throws IOException {
            boolean reached = false;
            try (BufferedReader progress = process.errors()) {
                for (String line = progress.readLine(); line != null; line = progress.readLine()) {
                    if (last.isPresent() && line.equals(last.get())) {
                        process.kill();
                        reached = true;
                    }
                    shell.out().println("     | " + line);
                }
            }
            return reached;
        }

        int exitCode() throws InterruptedException {
            if (!process.ends(ENGINE_END_SECONDS)) {
                throw new StepFailedException("the engine's process does not end");
            }
            return process.exitCode();
        }

        /** What it wrote to standard output. */
        String printed() throws IOException {
            return Files.readString(output);
        }

        @Override
        public void close() {
            process.close();
        }
    }

    // ---- keys

    /** The first key and the current one, out of the store. */
    private record Keys(SshKeyPair first, SshKeyPair current, int currentVersion) implements AutoCloseable {
        @Override
        public void close() {
            first.close();
            current.close();
        }
    }

    private Keys keys() throws IOException {
        byte[] secret = Files.readAllBytes(folder.secretFile());
        try (Passphrase passphrase = Passphrase.ofBytes(secret);
                DirectoryCredentialStore store = DirectoryCredentialStore.open(folder.store(), passphrase)) {
            CredentialState state = store.find(CREDENTIAL).orElseThrow();
            KeyVersion current = state.current().orElseThrow();
            SshKeyPair first = store.exposeSecret(CREDENTIAL, StoredSecret.key(1));
            return new Keys(
                    first, store.exposeSecret(CREDENTIAL, StoredSecret.key(current.number())), current.number());
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    // ---- what is said

    private void heading(String text) {
        shell.out().println();
        shell.out().println(++step + ". " + text);
    }

    private void say(String text) {
        shell.out().println(text.isEmpty() || step == 0 ? text : "   " + text);
    }

    /** Shows a command as it would be typed in the demonstration's folder. */
    private void show(String[] command) {
        String line = "$ keywright " + String.join(" ", command).replace(folder.root() + "/", "");
        say(line.length() <= MAX_COMMAND_CHARS ? line : line.substring(0, MAX_COMMAND_CHARS) + " ...");
    }

    private void showProblems(List<String> problems) {
        problems.stream().limit(MAX_PROBLEMS_SHOWN).forEach(this::say);
        if (problems.size() > MAX_PROBLEMS_SHOWN) {
            say("and " + (problems.size() - MAX_PROBLEMS_SHOWN) + " more");
        }
    }

    private static String count(int number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
