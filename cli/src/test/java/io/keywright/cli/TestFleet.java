package io.keywright.cli;

import io.keywright.Passphrase;
import io.keywright.cli.demo.EmbeddedFleet;
import io.keywright.cli.demo.EmbeddedServer;
import io.keywright.rotation.DirectoryCredentialStore;
import io.keywright.rotation.DirectoryStoreSettings;
import io.keywright.transport.KnownHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A fleet on loopback, a credential file for it, and the options that every command about it needs. */
final class TestFleet implements AutoCloseable {
    static final String USER = "deploy";
    static final String PASSWORD = "pass word of deploy";
    static final String STORE_SECRET = "secret of the store";

    private final Path folder;
    private final EmbeddedFleet fleet = EmbeddedFleet.start();
    private final List<EmbeddedServer> servers = new ArrayList<>();
    final Path store;
    final Path secret;
    final Path password;
    Path credential;

    TestFleet(Path folder, int size) throws IOException {
        this.folder = folder;
        store = folder.resolve("store");
        secret = Cli.secret(folder, "store-secret", STORE_SECRET + "\n");
        password = Cli.secret(folder, "password", PASSWORD + "\n");
        KnownHosts knownHosts = KnownHosts.empty();
        try (Passphrase login = Passphrase.of(PASSWORD.toCharArray())) {
            for (int i = 1; i <= size; i++) {
                EmbeddedServer server = fleet.add(USER, login, Files.createDirectory(folder.resolve("server-" + i)));
                servers.add(server);
                knownHosts = knownHosts.with(server.host(), server.port(), server.hostKey());
            }
        }
        Files.write(folder.resolve("known_hosts"), knownHosts.toByteArray());
        credential = credential("deploy-prod", "policy: { attempts: 1 }");
    }

    /** Makes the store, for tests that open it often and are not about what that costs. */
    void makeCheapStore() {
        try (Passphrase storeSecret = Passphrase.of(STORE_SECRET.toCharArray())) {
            openCheapStore(store, storeSecret).close();
        }
    }

    static DirectoryCredentialStore openCheapStore(Path store, Passphrase secret) {
        return DirectoryCredentialStore.open(
                store,
                secret,
                DirectoryStoreSettings.defaults()
                        .withScryptCost(new DirectoryStoreSettings.ScryptCost(1024, 8, 1))
                        .withBcryptRounds(2));
    }

    /** Writes a credential file for all servers; the first is the original device. */
    Path credential(String name, String... lines) throws IOException {
        StringBuilder text = new StringBuilder("name: " + name + "\nuser: " + USER + "\n");
        Arrays.stream(lines).forEach(line -> text.append(line).append('\n'));
        text.append("known-hosts: known_hosts\ndevices:\n");
        for (int i = 0; i < servers.size(); i++) {
            text.append("  - { id: web-")
                    .append(i + 1)
                    .append(", host: ")
                    .append(servers.get(i).host())
                    .append(", port: ")
                    .append(servers.get(i).port())
                    .append(i == 0 ? ", original: true" : "")
                    .append(" }\n");
        }
        return Files.writeString(folder.resolve(name + ".yaml"), text);
    }

    EmbeddedServer server(int number) {
        return servers.get(number - 1);
    }

    String authorizedKeys(int number) throws IOException {
        return Files.readString(server(number).authorizedKeysFile());
    }

    /** Returns a command about the credential, with more arguments behind. */
    Object[] command(String name, Object... more) {
        return Cli.arguments(
                List.of(name, "--credential", credential, "--store", store, "--secret-file", secret), more);
    }

    Cli.Result keywright(String name, Object... more) {
        return Cli.run(command(name, more));
    }

    @Override
    public void close() {
        fleet.close();
    }
}
