package io.keywright.rotation;

import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.SshConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs {@code edit.sh} on a server. The command line is short and holds nothing but how many bytes of standard input are
 * the script, so that any login shell passes it on; script, parameters and data travel on standard input.
 */
final class RemoteShell {
    private static final String SCRIPT = load();
    // What is printed besides a file: a line for each directory on its path.
    private static final int TALK_BYTES = 256 << 10;
    private static final int MAX_COMPLAINT = 200;

    private final SshConnection connection;
    private final RunAs access;

    RemoteShell(SshConnection connection, RunAs access) {
        this.connection = connection;
        this.access = access;
    }

    RunAs access() {
        return access;
    }

    /**
     * Runs one operation of the script.
     *
     * @param parameters the script's variables
     * @param data what the operation reads
     * @return what it said, which may be nothing of sense where something else than a shell answers
     */
    ShellAnswer run(Map<String, String> parameters, byte[] data) {
        String script = assignments(parameters) + SCRIPT;
        byte[] code = script.getBytes(StandardCharsets.UTF_8);
        // dd reads byte after byte, and so leaves the data to the script; no other tool that is everywhere does.
        String command = access.command()
                + String.format(Locale.ROOT, " 'eval \"$(dd bs=1 count=%d 2>/dev/null)\"'", code.length);
        ByteArrayOutputStream stdin = new ByteArrayOutputStream(code.length + data.length);
        stdin.writeBytes(code);
        stdin.writeBytes(data);
        ExecResult result = connection.exec(ExecRequest.of(command)
                .withStdin(stdin.toByteArray())
                .withOutputLimit(FileEditor.MAX_FILE_BYTES + TALK_BYTES));
        return ShellAnswer.parse(result, complaint(result));
    }

    private static String assignments(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + "='" + quoted(parameter.getValue()) + "'\n")
                .collect(Collectors.joining());
    }

    /** A path as one word of a command line, quoted where a shell would take it for anything else. */
    static String word(String path) {
        return path.matches("[A-Za-z0-9@%_+=:,./-]+") ? path : "'" + quoted(path) + "'";
    }

    private static String quoted(String value) {
        if (value.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            // It may be the server that says where a file is.
            throw new RemoteFileException(
                    RemoteFileException.Reason.NOT_REGULAR,
                    "the server's shell",
                    "it is given no path or name with a control character",
                    null);
        }
        return value.replace("'", "'\\''");
    }

    /** The last line on standard error, without control characters. */
    private static String complaint(ExecResult result) {
        String last = result.stderrText().strip();
        last = last.substring(last.lastIndexOf('\n') + 1).replaceAll("\\p{Cntrl}", " ");
        return last.substring(0, Math.min(last.length(), MAX_COMPLAINT));
    }

    /** Loads the script, without comments and indentation: the server reads it byte by byte. */
    private static String load() {
        try (InputStream in = RemoteShell.class.getResourceAsStream("edit.sh")) {
            if (in == null) {
                throw new IllegalStateException("edit.sh is missing beside RemoteShell");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .collect(Collectors.joining("\n", "", "\n"));
        } catch (IOException e) {
            throw new UncheckedIOException("edit.sh cannot be read", e);
        }
    }
}
