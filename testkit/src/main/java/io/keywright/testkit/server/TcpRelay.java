package io.keywright.testkit.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A relay on 127.0.0.1 between a client and a server, which counts connections and breaks them when a test says so.
 * Thread-safe.
 */
public final class TcpRelay implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int BUFFER_BYTES = 16 << 10;

    private final InetSocketAddress target;
    private final long delayNanos;
    private final ServerSocket listener;
    private final Set<Pair> open = new HashSet<>();
    private final List<Long> passed = new ArrayList<>();
    private int accepted;
    private int roundTrips;
    private long up;
    private long limit = Long.MAX_VALUE;
    private boolean frozen;

    private TcpRelay(InetSocketAddress target, Duration delay) throws IOException {
        this.target = target;
        this.delayNanos = delay.toNanos();
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("relay-accept-" + listener.getLocalPort(), this::accept);
    }

    /**
     * Starts a relay.
     *
     * @param host where to pass connections on to
     * @param port its port
     * @return a relay that accepts connections
     */
    public static TcpRelay to(String host, int port) {
        return to(host, port, Duration.ZERO);
    }

    /**
     * Starts a relay that passes answers on late, as a long line does: what a client sends without waiting for them is then
     * sent before they come, and so {@link #roundTrips} does not depend on how fast whose threads are.
     *
     * @param host where to pass connections on to
     * @param port its port
     * @param delay how late at least
     * @return a relay that accepts connections
     */
    public static TcpRelay to(String host, int port, Duration delay) {
        try {
            return new TcpRelay(new InetSocketAddress(host, port), delay);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a relay", e);
        }
    }

    /**
     * Returns the address to connect to.
     *
     * @return the address literal
     */
    public String host() {
        return "127.0.0.1";
    }

    /**
     * Returns the port to connect to.
     *
     * @return TCP port
     */
    public int port() {
        return listener.getLocalPort();
    }

    /**
     * Returns how many connections there have been.
     *
     * @return a number that never falls
     */
    public synchronized int accepted() {
        return accepted;
    }

    /**
     * Waits until no connection is open any more.
     *
     * @param timeout how long at most
     * @return false when there still is one
     */
    public synchronized boolean awaitNoneOpen(Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        while (!open.isEmpty()) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /** Passes nothing on from now on, and drops nothing: both ends see a peer that hangs. */
    public synchronized void freeze() {
        frozen = true;
    }

    /**
     * Returns where the pieces end that came from clients: a request sent alone is a piece.
     *
     * @return how many bytes had been passed on from clients after each piece, in order
     */
    public synchronized List<Long> pieces() {
        return List.copyOf(passed);
    }

    /**
     * Breaks the connection that brings so many more bytes from its client, once they are passed on and before anything is
     * passed back.
     *
     * @param bytes counted from now on
     */
    public synchronized void cutAfter(long bytes) {
        limit = up + bytes;
    }

    /**
     * Returns how often a client has waited for its server: how often it sent something after it had received something, or
     * for the first time on a connection. What is sent without waiting counts once, however many pieces it is in.
     *
     * @return a number that never falls
     */
    public synchronized int roundTrips() {
        return roundTrips;
    }

    /** Takes note of bytes from a client, and tells how many of them may still go on. */
    private synchronized int admit(Pair pair, int length) {
        if (pair.answered) {
            pair.answered = false;
            roundTrips++;
        }
        int admitted = (int) Math.min(length, limit - up);
        up += admitted;
        passed.add(up);
        return admitted;
    }

    private synchronized int answer(Pair pair, int length) {
        pair.answered = true;
        return length;
    }

    private synchronized boolean isAtLimit() {
        return up >= limit;
    }

    /** Breaks every open connection; new ones work. */
    public void cut() {
        Set<Pair> victims;
        synchronized (this) {
            victims = Set.copyOf(open);
        }
        victims.forEach(Pair::close);
    }

    /** Breaks every connection and accepts no more. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            cut();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket();
                Pair pair = new Pair(client, server);
                synchronized (this) {
                    accepted++;
                    open.add(pair);
                }
                pair.connect();
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private synchronized void awaitThaw(Pair pair) throws InterruptedException {
        while (frozen && open.contains(pair)) {
            wait();
        }
    }

    private synchronized void gone(Pair pair) {
        open.remove(pair);
        notifyAll();
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** A client's connection and the one to the server that belongs to it. */
    private final class Pair {
        private final Socket client;
        private final Socket server;
        /** Whether the server has said something since the client did; guarded by the relay. */
        private boolean answered = true;

        Pair(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void connect() {
            try {
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                server.connect(target, Math.toIntExact(CONNECT_TIMEOUT.toMillis()));
            } catch (IOException e) {
                close(); // the client sees the connection end, as it would without a relay
                return;
            }
            start("relay-up-" + client.getPort(), () -> pump(client, server));
            start("relay-down-" + client.getPort(), () -> pump(server, client));
        }

        private void pump(Socket from, Socket to) {
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                    if (from == server && delayNanos > 0) {
                        length += readLate(in, buffer, length);
                    }
                    awaitThaw(this);
                    out.write(buffer, 0, from == client ? admit(this, length) : answer(this, length));
                    if (isAtLimit()) {
                        break;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                close(); // one end broke, so the other is broken too
            }
            close();
        }

        /** What comes within the delay is passed on together. */
        private int readLate(InputStream in, byte[] buffer, int length) throws IOException {
            LockSupport.parkNanos(delayNanos);
            int more = Math.min(in.available(), buffer.length - length);
            return in.readNBytes(buffer, length, more);
        }

        void close() {
            try {
                client.close();
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                gone(this);
            }
        }
    }
}
