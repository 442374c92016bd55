package io.keywright.cli.demo;

import io.keywright.SshPublicKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The {@link FleetServer} in its own process, and its members. Closing it ends the process. */
final class FleetProcess implements AutoCloseable {
    // It hangs up and ends at once; after this it is killed.
    private static final long END_WAIT_SECONDS = 10;

    private final JavaProcess process;
    private final BufferedReader output;
    private final List<FleetMember> members;

    private FleetProcess(JavaProcess process, BufferedReader output, List<FleetMember> members) {
        this.process = process;
        this.output = output;
        this.members = List.copyOf(members);
    }

    /**
     * Starts a server for each directory of the folder's fleet, and waits until all of them listen.
     *
     * @throws IOException when the process does not start or ends early; with what it said
     */
    static FleetProcess start(DemoFolder folder) throws IOException {
        JavaProcess process = JavaProcess.start(
                FleetServer.class,
                ProcessBuilder.Redirect.PIPE,
                ProcessBuilder.Redirect.appendTo(folder.fleetLog().toFile()),
                List.of(folder.fleet().toString(), folder.passwordFile().toString(), FleetMember.USER));
        folder.endsWithUs(process);
        BufferedReader output = process.output();
        List<FleetMember> members = new ArrayList<>();
        String line = output.readLine();
        while (line != null && !line.equals(FleetServer.READY)) {
            members.add(member(folder, line));
            line = output.readLine();
        }
        if (line == null) {
            process.close();
            throw new IOException("the fleet did not start: " + Files.readString(folder.fleetLog()));
        }
        return new FleetProcess(process, output, members);
    }

    private static FleetMember member(DemoFolder folder, String line) throws IOException {
        String[] words = line.split(" ", 3);
        if (words.length != 3) {
            throw new IOException("the fleet said what is not understood: " + line);
        }
        Path directory = folder.fleet().resolve(words[0]);
        return new FleetMember(
                words[0],
                Integer.parseInt(words[1]),
                SshPublicKey.parseLine(words[2]),
                FleetMember.keysFileIn(directory));
    }

    long pid() {
        return process.pid();
    }

    /** Returns the servers, by id. */
    List<FleetMember> members() {
        return members;
    }

    /** Makes a server's file system refuse every change. */
    void makeReadOnly(String id) throws IOException {
        process.tell(FleetServer.READ_ONLY + " " + id);
        String answer = output.readLine();
        if (!FleetServer.OBEYED.equals(answer)) {
            throw new IOException("the fleet did not make " + id + " read-only: " + answer);
        }
    }

    /** Ends the process as it ends by itself when this one dies; kills it when it does not. */
    @Override
    public void close() throws IOException {
        try (process) {
            process.endInput();
            process.ends(END_WAIT_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
