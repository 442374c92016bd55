package io.keywright.testkit.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Collects what a server writes to its standard error. Thread-safe. */
final class ServerLog {
    private final StringBuilder text = new StringBuilder();
    private boolean ended;

    /** Reads until the last process that holds the other end is gone. */
    static ServerLog follow(InputStream stream, String name) {
        ServerLog log = new ServerLog();
        Thread reader = new Thread(() -> log.read(stream), name);
        reader.setDaemon(true);
        reader.start();
        return log;
    }

    synchronized String text() {
        return text.toString();
    }

    /** Waits until the text so far is as asked; false when time runs out or the server is gone first. */
    synchronized boolean await(Predicate<String> asked, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (!asked.test(text.toString())) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (ended || left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    private void read(InputStream stream) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                add(line);
            }
        } catch (IOException e) {
            add("(the log cannot be read any further: " + e + ")");
        }
        synchronized (this) {
            ended = true;
            notifyAll();
        }
    }

    private synchronized void add(String line) {
        text.append(line).append('\n');
        notifyAll();
    }
}
