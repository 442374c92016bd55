package io.keywright.transport.sshd;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;

/** A command that the embedded server runs with {@code sh -c}. */
final class ShellCommand implements Command {
    private final String line;
    private final Path home;
    private InputStream in;
    private OutputStream out;
    private OutputStream err;
    private ExitCallback exit;
    private Process process;

    ShellCommand(String line, Path home) {
        this.line = line;
        this.home = home;
    }

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
        err = stream;
    }

    @Override
    public void setExitCallback(ExitCallback callback) {
        exit = callback;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) throws IOException {
        process = new ProcessBuilder("sh", "-c", line).directory(home.toFile()).start();
        pump("in", in, process.getOutputStream());
        Thread output = pump("out", process.getInputStream(), out);
        Thread errors = pump("err", process.getErrorStream(), err);
        start("wait", () -> {
            try {
                output.join();
                errors.join();
                exit.onExit(process.waitFor());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void destroy(ChannelSession channel) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static Thread pump(String name, InputStream from, OutputStream to) {
        return start(name, () -> {
            try (OutputStream closing = to) {
                byte[] buffer = new byte[8192];
                for (int length = from.read(buffer); length >= 0; length = from.read(buffer)) {
                    closing.write(buffer, 0, length);
                    closing.flush();
                }
            } catch (IOException e) {
                return; // the other end is gone, and with it whoever wanted this
            }
        });
    }

    private static Thread start(String name, Runnable task) {
        Thread thread = new Thread(task, "shell-command-" + name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
