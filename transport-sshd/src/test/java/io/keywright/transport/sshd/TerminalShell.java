package io.keywright.transport.sshd;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.Signal;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;

/**
 * A shell of the embedded server, which has no terminals of an operating system: it says which terminal it was asked for,
 * says the size whenever that changes, and ends with the status of the first byte that is typed.
 */
final class TerminalShell implements Command {
    private InputStream in;
    private OutputStream out;
    private ExitCallback exit;
    private Thread reader;

    @Override
    public void setInputStream(InputStream stream) {
        in = stream;
    }

    @Override
    public void setOutputStream(OutputStream stream) {
        out = stream;
    }

    @Override
    public void setErrorStream(OutputStream stream) {
        // a terminal has one stream for both
    }

    @Override
    public void setExitCallback(ExitCallback callback) {
        exit = callback;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) {
        say(environment.getEnv().get(Environment.ENV_TERM) + " of " + size(environment));
        environment.addSignalListener((from, signal) -> say("now " + size(environment)), Signal.WINCH);
        reader = new Thread(
                () -> {
                    try {
                        exit.onExit(in.read());
                    } catch (IOException e) {
                        exit.onExit(1, "the channel broke");
                    }
                },
                "terminal shell");
        reader.setDaemon(true);
        reader.start();
    }

    private static String size(Environment environment) {
        Map<String, String> variables = environment.getEnv();
        return variables.get(Environment.ENV_COLUMNS) + "x" + variables.get(Environment.ENV_LINES);
    }

    private synchronized void say(String text) {
        try {
            out.write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void destroy(ChannelSession channel) {
        reader.interrupt();
    }
}
