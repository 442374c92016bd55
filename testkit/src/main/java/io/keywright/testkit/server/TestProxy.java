package io.keywright.testkit.server;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A proxy on 127.0.0.1 that speaks SOCKS5 (RFC 1928, 1929) and HTTP's {@code CONNECT} (RFC 9110, section 9.3.6) on the same
 * port: the first byte tells which. Resolves names itself. Thread-safe.
 */
public final class TestProxy implements AutoCloseable {
    private static final int SOCKS_VERSION = 5;
    private static final int MAX_HEADER_BYTES = 16 << 10;

    private final ServerSocket listener;
    private final @Nullable String credentials;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<String> destinations = new ArrayList<>();

    private TestProxy(@Nullable String credentials) {
        this.credentials = credentials;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a proxy", e);
        }
        start("proxy-accept-" + listener.getLocalPort(), this::accept);
    }

    /**
     * Starts a proxy that lets everybody through.
     *
     * @return a proxy that accepts connections
     */
    public static TestProxy start() {
        return new TestProxy(null);
    }

    /**
     * Starts a proxy that asks for a user and a password.
     *
     * @param user the user, without a colon
     * @param password the password
     * @return a proxy that accepts connections
     */
    public static TestProxy start(String user, String password) {
        return new TestProxy(user + ":" + password);
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
     * Returns what clients were let through to.
     *
     * @return {@code host:port}, as the clients named them, in their order
     */
    public List<String> destinations() {
        synchronized (destinations) {
            return List.copyOf(destinations);
        }
    }

    /** Breaks every connection and accepts no more. */
    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                open.add(client);
                start("proxy-" + client.getPort(), () -> serve(client));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            OutputStream out = client.getOutputStream();
            int first = in.readUnsignedByte();
            Socket server = first == SOCKS_VERSION ? serveSocks(in, out) : serveHttp(first, in, out);
            if (server != null) {
                open.add(server);
                try (server) {
                    start("proxy-down-" + client.getPort(), () -> pump(server, client));
                    pump(client, server);
                }
            }
        } catch (IOException e) {
            // A client that goes away in the middle has what it wanted; the socket is closed either way.
            open.remove(client);
        }
    }

    private @Nullable Socket serveSocks(DataInputStream in, OutputStream out) throws IOException {
        byte[] methods = in.readNBytes(in.readUnsignedByte());
        int wanted = credentials == null ? 0 : 2;
        if (new String(methods, StandardCharsets.ISO_8859_1).indexOf(wanted) < 0) {
            out.write(new byte[] {SOCKS_VERSION, (byte) 0xff});
            return null;
        }
        out.write(new byte[] {SOCKS_VERSION, (byte) wanted});
        if (credentials != null) {
            in.readByte(); // version 1
            String user = new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8);
            String password = new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8);
            boolean right = credentials.equals(user + ":" + password);
            out.write(new byte[] {1, (byte) (right ? 0 : 1)});
            if (!right) {
                return null;
            }
        }
        in.readNBytes(3); // version 5, CONNECT, 0
        String host = switch (in.readUnsignedByte()) {
            case 1 -> InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
            case 4 -> InetAddress.getByAddress(in.readNBytes(16)).getHostAddress();
            case 3 -> new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8);
            default -> throw new EOFException("an address of an unknown kind");
        };
        Socket server = connect(host, in.readUnsignedShort());
        out.write(new byte[] {SOCKS_VERSION, (byte) (server == null ? 5 : 0), 0, 1, 127, 0, 0, 1, 0, 0});
        return server;
    }

    private @Nullable Socket serveHttp(int first, DataInputStream in, OutputStream out) throws IOException {
        StringBuilder header = new StringBuilder().append((char) first);
        while (header.indexOf("\r\n\r\n") < 0 && header.length() < MAX_HEADER_BYTES) {
            header.append((char) in.readUnsignedByte());
        }
        String[] words = header.substring(0, header.indexOf("\r\n")).split(" ", 3);
        if (!words[0].equals("CONNECT")) {
            return answer(out, "405 Method Not Allowed", null);
        }
        if (credentials != null) {
            String basic = Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
            if (header.indexOf("\r\nProxy-Authorization: Basic " + basic + "\r\n") < 0) {
                return answer(out, "407 Proxy Authentication Required", null);
            }
        }
        int colon = words[1].lastIndexOf(':');
        String host = words[1].substring(0, colon).replaceAll("[\\[\\]]", "");
        Socket server = connect(host, Integer.parseInt(words[1].substring(colon + 1)));
        return answer(out, server == null ? "502 Bad Gateway" : "200 Connection established", server);
    }

    private static @Nullable Socket answer(OutputStream out, String status, @Nullable Socket server)
            throws IOException {
        out.write(("HTTP/1.1 " + status + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return server;
    }

    private @Nullable Socket connect(String host, int port) {
        synchronized (destinations) {
            destinations.add(host + ":" + port);
        }
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                Socket server = connect(address, port);
                if (server != null) {
                    return server;
                }
            }
        } catch (UnknownHostException e) {
            return null; // told to the client, in the words of its protocol
        }
        return null;
    }

    private static @Nullable Socket connect(InetAddress address, int port) {
        try {
            Socket server = new Socket(address, port);
            server.setTcpNoDelay(true);
            return server;
        } catch (IOException e) {
            return null; // the next address, or the client is told
        }
    }

    private static void pump(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            in.transferTo(to.getOutputStream());
        } catch (IOException e) {
            return; // one end broke, and with it the other
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
