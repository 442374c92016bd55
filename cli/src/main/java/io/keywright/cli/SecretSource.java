package io.keywright.cli;

import io.keywright.Passphrase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Where one secret comes from: a file, an environment variable, or the person at the terminal. Never the command line, which
 * every user of a machine can read.
 *
 * @param shell the environment, and the person
 * @param command the command that wants it, for what is said about wrong usage
 * @param option the beginning of its options, e.g. {@code "--new-passphrase"}
 * @param noun what it is called when it is asked for, e.g. {@code "new passphrase"}
 * @param file the file, or null
 * @param variable the environment variable's name, or null
 */
record SecretSource(
        Shell shell,
        CommandSpec command,
        String option,
        String noun,
        @Nullable Path file,
        @Nullable String variable) {

    /** Longer than any passphrase or generated token; what is longer is another file than was meant. */
    static final int MAX_BYTES = 4096;

    /** How often somebody may type two different things where one is asked for twice. */
    private static final int MAX_TRIES = 3;

    SecretSource {
        if (file != null && variable != null) {
            throw new ParameterException(
                    command.commandLine(), option + "-file and " + option + "-env exclude each other: give one");
        }
    }

    boolean isGiven() {
        return file != null || variable != null;
    }

    /** Reads the secret from the option that was given; empty when none was. The caller closes it. */
    Optional<Passphrase> given() throws IOException {
        if (file != null) {
            return Optional.of(fromFile(file));
        }
        return variable == null ? Optional.empty() : Optional.of(fromEnvironment(variable));
    }

    /** Reads the secret from the option that was given, or asks for it; empty when nobody can be asked. */
    Optional<Passphrase> givenOrAsked() throws IOException {
        return isGiven() ? given() : shell.prompt().map(prompt -> asked(prompt, noun));
    }

    /** As {@link #givenOrAsked}, but it is asked for twice: nobody has used this secret before. */
    Optional<Passphrase> givenOrAskedTwice() throws IOException {
        return isGiven() ? given() : shell.prompt().map(this::askedTwice);
    }

    /** Says which options would have helped. */
    ParameterException missing() {
        return new ParameterException(
                command.commandLine(),
                "the " + noun + " is missing: give " + option + "-file or " + option + "-env (nothing is asked for"
                        + " without a terminal)");
    }

    private Passphrase fromFile(Path path) throws IOException {
        warnIfReadableByOthers(shell, path);
        byte[] room = new byte[MAX_BYTES + 1];
        byte[] secret = {};
        try {
            int count = readFully(path, room);
            if (count > MAX_BYTES) {
                throw new CommandException(
                        path + " has more than " + MAX_BYTES + " bytes: it does not look like a " + noun);
            }
            secret = Arrays.copyOf(room, withoutLineEnd(room, count));
            if (secret.length == 0) {
                throw new CommandException(path + " is empty: a " + noun + " is expected in it");
            }
            return Passphrase.ofBytes(secret);
        } finally {
            Arrays.fill(room, (byte) 0);
            Arrays.fill(secret, (byte) 0);
        }
    }

    private static int readFully(Path path, byte[] room) throws IOException {
        int count = 0;
        try (InputStream in = Files.newInputStream(path)) {
            int read = in.read(room, 0, room.length);
            while (read > 0) {
                count += read;
                read = in.read(room, count, room.length - count);
            }
        }
        return count;
    }

    /** One line end is what an editor or {@code echo} adds; whatever else is there belongs to the secret. */
    private static int withoutLineEnd(byte[] bytes, int count) {
        if (count == 0 || bytes[count - 1] != '\n') {
            return count;
        }
        return count > 1 && bytes[count - 2] == '\r' ? count - 2 : count - 1;
    }

    private Passphrase fromEnvironment(String name) {
        String value = shell.variable(name)
                .filter(text -> !text.isEmpty())
                .orElseThrow(() -> new CommandException(
                        "the environment variable " + name + " is not set: it should hold the " + noun));
        char[] characters = value.toCharArray();
        try {
            return Passphrase.of(characters);
        } finally {
            Arrays.fill(characters, '\0');
        }
    }

    private Passphrase asked(Shell.Prompt prompt, String question) {
        char[] answer = ask(prompt, question);
        try {
            return Passphrase.of(answer);
        } finally {
            Arrays.fill(answer, '\0');
        }
    }

    private Passphrase askedTwice(Shell.Prompt prompt) {
        for (int i = 0; i < MAX_TRIES; i++) {
            char[] first = ask(prompt, noun);
            try {
                char[] second = ask(prompt, noun + " again");
                try {
                    if (Arrays.equals(first, second)) {
                        return Passphrase.of(first);
                    }
                } finally {
                    Arrays.fill(second, '\0');
                }
            } finally {
                Arrays.fill(first, '\0');
            }
            shell.err().println("These two are not the same.");
        }
        throw new CommandException("the " + noun + " was not typed twice alike: nothing was changed");
    }

    private char[] ask(Shell.Prompt prompt, String question) {
        char[] answer = prompt.ask(question);
        if (answer == null || answer.length == 0) {
            throw new CommandException("no " + noun + " was typed: nothing was changed");
        }
        return answer;
    }

    /** Says so when everybody on this machine can read a file that holds a secret. */
    static void warnIfReadableByOthers(Shell shell, Path path) throws IOException {
        boolean readable = Files.isRegularFile(path)
                && path.getFileSystem().supportedFileAttributeViews().contains("posix")
                && Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ);
        if (readable) {
            shell.warn(path + " holds a secret and everybody on this machine can read it: chmod 600 it");
        }
    }
}
