package io.keywright.cli;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.InteractiveResponder;
import io.keywright.transport.KnownHosts;
import io.keywright.transport.LogIn;
import io.keywright.transport.Route;
import io.keywright.transport.SshAgent;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportTimeouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Whom to connect to, how to log in there, and which way to go. */
final class ConnectionOptions {
    private static final int SSH_PORT = 22;
    // A person at a keyboard, or at a token, takes a while.
    private static final Duration TIME_TO_AUTHENTICATE = Duration.ofMinutes(2);

    private final Shell shell;

    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "[USER@]HOST[:PORT]",
            converter = Place.Converter.class,
            description = "The account; without USER, your own name.")
    Place place;

    @Option(names = "--key", paramLabel = "F", description = "Log in with this private key, in any format.")
    @Nullable
    Path key;

    @Mixin
    PassphraseOptions passphrase;

    @Option(names = "--agent", description = "Log in with a key of the agent that SSH_AUTH_SOCK names.")
    boolean agent;

    @Mixin
    PasswordOptions password;

    @Option(names = "--answer-prompts", description = "Log in by answering at the terminal what the server asks.")
    boolean prompts;

    @Option(
            names = "--known-hosts",
            paramLabel = "F",
            description = "The host keys that are trusted; ~/.ssh/known_hosts if not given.")
    @Nullable
    Path knownHosts;

    @Option(
            names = "--accept-new",
            description = "Trust the key of a host that is not on record, and put it on record; a changed key is"
                    + " refused all the same.")
    boolean acceptNew;

    @Option(
            names = "--jump",
            paramLabel = "[USER@]HOST[:PORT]",
            converter = Place.Converter.class,
            description = "Go through this host, with the same log-in; repeat it for one behind the other.")
    List<Place> jumps = List.of();

    @Option(
            names = "--socks5",
            paramLabel = "HOST:PORT",
            converter = Place.WithPort.class,
            description = "Go through this SOCKS5 proxy.")
    @Nullable
    Place socks5;

    @Option(
            names = "--http-proxy",
            paramLabel = "HOST:PORT",
            converter = Place.WithPort.class,
            description = "Go through this HTTP proxy.")
    @Nullable
    Place httpProxy;

    @Option(
            names = "--keep-alive",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Ask a silent server for a sign of life at this interval; 0 never.")
    int keepAliveSeconds;

    @Mixin
    TransportOption library;

    ConnectionOptions(Shell shell) {
        this.shell = shell;
    }

    /** What a command does with a connection. */
    @FunctionalInterface
    interface Use {
        /** Returns the exit code. */
        int of(SshConnection connection) throws IOException;
    }

    /** Connects, does something with the connection, and closes it and every secret that it took. */
    int with(Use use) throws IOException {
        if (keepAliveSeconds < 0) {
            throw wrongUsage("--keep-alive cannot be negative");
        }
        HostKeyVerifier hostKeys = hostKeys();
        try (Authentication authentication = authentication();
                SshTransport transport = library.create();
                SshConnection connection = transport.connect(
                        ConnectRequest.of(target(hostKeys, authentication.logIn()), authentication.logIn()))) {
            return use.of(connection);
        }
    }

    /** A log-in and the secret that it refers to. */
    private record Authentication(LogIn logIn, Runnable wipe) implements AutoCloseable {
        @Override
        public void close() {
            wipe.run();
        }
    }

    private Authentication authentication() throws IOException {
        Optional<Passphrase> secret = password.read();
        int ways = (key == null ? 0 : 1) + (agent ? 1 : 0) + (secret.isPresent() ? 1 : 0) + (prompts ? 1 : 0);
        if (ways != 1) {
            secret.ifPresent(Passphrase::close);
            throw wrongUsage("say how to log in, in one way: --key, --agent, --password-... or --answer-prompts");
        }
        if (secret.isPresent()) {
            return new Authentication(LogIn.withPassword(secret.get()), secret.get()::close);
        } else if (key != null) {
            SshKeyPair pair = readKey(key);
            return new Authentication(LogIn.withKey(pair), pair::close);
        } else if (agent) {
            String socket = shell.variable("SSH_AUTH_SOCK")
                    .filter(path -> !path.isEmpty())
                    .orElseThrow(() -> new CommandException("SSH_AUTH_SOCK is not set: there is no agent to ask"));
            return new Authentication(LogIn.withAgent(SshAgent.at(Path.of(socket))), () -> {});
        }
        Shell.Prompt person = shell.prompt()
                .orElseThrow(() -> new CommandException("there is no terminal at which somebody could answer"));
        return new Authentication(LogIn.withPrompts(challenge -> answers(person, challenge)), () -> {});
    }

    private SshKeyPair readKey(Path file) throws IOException {
        try (KeyInput input = KeyInput.read(shell, file);
                Passphrase opens = input.passphrase(passphrase).orElse(null)) {
            return input.pair(opens);
        }
    }

    /** Every answer is typed unseen, also where the server would let it be seen. */
    private List<Passphrase> answers(Shell.Prompt person, InteractiveResponder.Challenge challenge) {
        for (String said : List.of(challenge.name(), challenge.instruction())) {
            if (!said.isBlank()) {
                shell.err().println(Printable.of(said.strip()));
            }
        }
        List<Passphrase> answers = new ArrayList<>();
        for (InteractiveResponder.Prompt prompt : challenge.prompts()) {
            String question = Printable.line(prompt.text().strip());
            char[] answer =
                    person.ask(question.endsWith(":") ? question.substring(0, question.length() - 1) : question);
            if (answer == null) {
                answers.forEach(Passphrase::close);
                throw new CommandException("nobody answered the server's questions");
            }
            answers.add(Passphrase.of(answer));
            Arrays.fill(answer, '\0');
        }
        return answers;
    }

    private HostKeyVerifier hostKeys() throws IOException {
        Path file = knownHosts == null ? Path.of(System.getProperty("user.home"), ".ssh", "known_hosts") : knownHosts;
        if (acceptNew) {
            return HostKeyVerifier.acceptNew(file);
        } else if (!Files.exists(file)) {
            throw new CommandException(file + " is missing: give --known-hosts, or --accept-new to begin one");
        }
        return HostKeyVerifier.strict(KnownHosts.read(file));
    }

    private SshTarget target(HostKeyVerifier hostKeys, LogIn logIn) {
        if (socks5 != null && httpProxy != null) {
            throw wrongUsage("--socks5 and --http-proxy exclude each other: give one");
        }
        Route route = Route.DIRECT;
        if (socks5 != null) {
            route = Route.socks5(socks5.host(), socks5.port().orElseThrow());
        } else if (httpProxy != null) {
            route = Route.httpConnect(httpProxy.host(), httpProxy.port().orElseThrow());
        }
        for (int i = 0; i < jumps.size(); i++) {
            route = Route.jumpHost(target(jumps.get(i), hostKeys, route, i), logIn);
        }
        return target(place, hostKeys, route, jumps.size());
    }

    private SshTarget target(Place account, HostKeyVerifier hostKeys, Route route, int jumpsBefore) {
        String user = account.user().orElseGet(() -> System.getProperty("user.name"));
        return SshTarget.of(account.host(), account.port().orElse(SSH_PORT), user, hostKeys)
                .withTimeouts(timeouts(jumpsBefore).withKeepAlive(Duration.ofSeconds(keepAliveSeconds)))
                .withRoute(route);
    }

    /** Logging in to the jump hosts on the way is part of connecting, and at each of them somebody may be asked. */
    static TransportTimeouts timeouts(int jumpsBefore) {
        TransportTimeouts defaults = TransportTimeouts.DEFAULT;
        Duration connect = defaults.connect()
                .plus(defaults.connect().plus(TIME_TO_AUTHENTICATE).multipliedBy(jumpsBefore));
        return TransportTimeouts.of(connect, TIME_TO_AUTHENTICATE, defaults.request());
    }

    private ParameterException wrongUsage(String problem) {
        return new ParameterException(command.commandLine(), problem);
    }
}
