package io.keywright.rotation;

import static io.keywright.rotation.StoreFixture.NEW_SECRET;
import static io.keywright.rotation.StoreFixture.SECRET;
import static io.keywright.rotation.StoreFixture.key;
import static io.keywright.rotation.StoreFixture.open;
import static io.keywright.rotation.StoreFixture.secret;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Passphrase;
import io.keywright.rotation.CredentialStore.Lease;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes with one store: the other one is a real JVM. */
class StoreProcessesTest {
    @TempDir(factory = FastDirectory.class)
    private Path temporary;

    private Path directory;
    private final List<Other> others = new ArrayList<>();

    @BeforeEach
    void fill() {
        directory = temporary.resolve("store");
        try (DirectoryCredentialStore store = open(directory);
                Lease lease = store.lease("web")) {
            store.importKey(lease, key(1));
        }
    }

    @AfterEach
    void stopOthers() throws Exception {
        for (Other other : others) {
            other.process.destroyForcibly().waitFor();
        }
    }

    /** The other process: does what it is told, line by line, and answers each line. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) throws IOException {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            DirectoryCredentialStore store = open(Path.of(arguments[0]));
            System.out.println("open");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                try {
                    Lease lease = store.lease(line);
                    System.out.println("fence " + lease.fence());
                } catch (CredentialBusyException e) {
                    System.out.println("busy");
                }
            }
        }
    }

    private final class Other {
        private final Process process;
        private final BufferedReader answers;
        private final Writer orders;

        Other() throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            directory.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            others.add(this);
            answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            orders = process.outputWriter(StandardCharsets.UTF_8);
            assertThat(answers.readLine()).isEqualTo("open");
        }

        String lease(String name) throws IOException {
            orders.write(name + "\n");
            orders.flush();
            return answers.readLine();
        }

        void kill() throws Exception {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void leaseOfAnotherProcess_isRespectedUntilItIsKilled() throws Exception {
        Other other = new Other();
        long theirs = Long.parseLong(other.lease("web").substring("fence ".length()));
        try (DirectoryCredentialStore store = open(directory)) {
            assertThatThrownBy(() -> store.lease("web")).isInstanceOf(CredentialBusyException.class);
            store.lease("db").close();
            assertThat(store.find("web")).isPresent();
            other.kill();
            try (Lease lease = store.lease("web")) {
                assertThat(lease.fence()).isGreaterThan(theirs);
            }
        }
    }

    @Test
    void failedAttemptInThisProcess_doesNotLoosenTheLock() throws Exception {
        Other other = new Other();
        try (DirectoryCredentialStore store = open(directory);
                Lease lease = store.lease("web")) {
            // POSIX drops a process's locks on a file when any of its descriptors is closed
            assertThatThrownBy(() -> store.lease("web")).isInstanceOf(CredentialBusyException.class);
            try (DirectoryCredentialStore second = open(directory)) {
                assertThatThrownBy(() -> second.lease("web")).isInstanceOf(CredentialBusyException.class);
            }
            assertThat(other.lease("web")).isEqualTo("busy");
            lease.requireValid();
        }
        assertThat(other.lease("web")).startsWith("fence ");
    }

    @Test
    void changeOfTheSecret_waitsForEveryOtherProcess() throws Exception {
        Other other = new Other();
        try (DirectoryCredentialStore store = open(directory);
                Passphrase next = secret(NEW_SECRET)) {
            assertThatThrownBy(() -> store.changeSecret(next)).isInstanceOf(CredentialBusyException.class);
            assertThat(store.find("web")).isPresent();
            // the attempt has not given up our own share: nobody could change it under us
            other.kill();
            store.changeSecret(next);
        }
        assertThatThrownBy(() -> open(directory, SECRET, DurableFiles.plain()))
                .isInstanceOf(StoreSecretException.class);
    }
}
