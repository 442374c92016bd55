package io.keywright.cli.demo;

import io.keywright.Passphrase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A process with an {@link EmbeddedFleet} in it: one server for each directory of a folder.
 *
 * <p>It says on standard output what there is, then {@code ready}; from then on it obeys the lines of standard input, and
 * ends when that ends. So it does not outlive the process that started it, however that one dies.
 *
 * <pre>
 * output:   ID PORT HOST-KEY-LINE     a server
 *           ready
 * input:    read-only ID              its file system takes no changes from now on; answered with "done"
 * </pre>
 */
public final class FleetServer {
    static final String READY = "ready";
    static final String READ_ONLY = "read-only";
    static final String OBEYED = "done";

    private FleetServer() {}

    /**
     * Runs the fleet until standard input ends.
     *
     * @param args the folder with the servers' directories, the file with the password, the name of the account
     * @throws IOException when the folder or the password cannot be read
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        Path passwordFile = Path.of(args[1]);
        String user = args[2];
        Map<String, EmbeddedServer> servers = new TreeMap<>();
        try (Passphrase password = read(passwordFile);
                EmbeddedFleet fleet = EmbeddedFleet.start()) {
            for (Path root : directories(folder)) {
                String id = folder.relativize(root).toString();
                EmbeddedServer server = fleet.add(user, password, root);
                servers.put(id, server);
                System.out.println(
                        id + " " + server.port() + " " + server.hostKey().toLine());
            }
            System.out.println(READY);
            obey(servers);
        }
        // Nothing may keep a process alive that nobody is left to stop.
        System.exit(0);
    }

    private static void obey(Map<String, EmbeddedServer> servers) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            EmbeddedServer server = words.length == 2 ? servers.get(words[1]) : null;
            if (server != null && words[0].equals(READ_ONLY)) {
                server.setReadOnly(true);
                System.out.println(OBEYED);
            } else {
                System.out.println("not understood: " + line);
            }
        }
    }

    private static List<Path> directories(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static Passphrase read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try {
            return Passphrase.ofBytes(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
