package io.keywright.transport.internal;

import io.keywright.transport.Route;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.UnreachableException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * Asks a proxy, over a connection to it, for a connection to a target. Reads not one byte more than the proxy's answer, so
 * that what follows is the target's.
 *
 * <pre>
 * SOCKS5 (RFC 1928)   05 count methods            -> 05 method
 *   password (1929)   01 len user len password    -> 01 status
 *   request           05 01 00 03 len name port   -> 05 reply 00 type address port
 * HTTP (RFC 9110)     CONNECT host:port HTTP/1.1, Host, Proxy-Authorization -> status line, headers, empty line
 * </pre>
 */
public final class ProxyTunnel {
    private static final int SOCKS_VERSION = 5;
    private static final int NO_AUTHENTICATION = 0;
    private static final int USER_AND_PASSWORD = 2;
    private static final int NO_METHOD = 0xff;
    private static final int CONNECT = 1;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;
    // RFC 1928 and 1929 count names, users and passwords with one byte.
    private static final int MAX_FIELD_BYTES = 255;
    // As much as common HTTP servers send at most; a proxy's answer has a few lines.
    private static final int MAX_HEADER_BYTES = 16 << 10;
    private static final int MAX_SHOWN_CHARS = 100;

    private final SshTarget target;
    private final Route.Proxy proxy;
    private final InputStream in;
    private final OutputStream out;

    private ProxyTunnel(SshTarget target, Route.Proxy proxy, InputStream in, OutputStream out) {
        this.target = target;
        this.proxy = proxy;
        this.in = in;
        this.out = out;
    }

    /** Returns the proxy of a route, or empty when it has none. */
    public static Optional<Route.Proxy> proxyOf(Route route) {
        if (route instanceof Route.Socks5 socks) {
            return Optional.of(socks.proxy());
        } else if (route instanceof Route.HttpConnect http) {
            return Optional.of(http.proxy());
        }
        return Optional.empty();
    }

    /**
     * Asks the proxy of the target's route for a connection to the target.
     *
     * @param target has a route through a proxy
     * @param in from the proxy; need not be buffered
     * @param out to the proxy
     * @throws UnreachableException when the proxy cannot connect to the target
     * @throws TransportException when the proxy wants other credentials, forbids the connection, or is no proxy
     * @throws IOException when the connection to the proxy breaks
     */
    public static void open(SshTarget target, InputStream in, OutputStream out) throws IOException {
        Route.Proxy proxy = proxyOf(target.route())
                .orElseThrow(() -> new IllegalArgumentException("there is no proxy on the way to " + target));
        ProxyTunnel tunnel = new ProxyTunnel(target, proxy, in, out);
        try {
            if (target.route() instanceof Route.Socks5) {
                tunnel.askSocks5();
            } else {
                tunnel.askHttp();
            }
        } catch (EOFException e) {
            throw new UnreachableException(target, Phase.CONNECT, "the proxy " + proxy + " hung up", e);
        }
    }

    // --- SOCKS5 ---

    private void askSocks5() throws IOException {
        boolean credentials = proxy.credentials().isPresent();
        out.write(
                credentials
                        ? new byte[] {SOCKS_VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD}
                        : new byte[] {SOCKS_VERSION, 1, NO_AUTHENTICATION});
        out.flush();
        byte[] choice = read(2);
        if (choice[0] != SOCKS_VERSION) {
            throw refused("what answers there is no SOCKS5 proxy");
        }
        int method = choice[1] & 0xff;
        if (method == NO_METHOD) {
            throw refused(credentials ? "it takes no user and password" : "it wants to know who asks");
        } else if (method == USER_AND_PASSWORD && credentials) {
            giveCredentials();
        } else if (method != NO_AUTHENTICATION) {
            throw refused("it wants authentication by method " + method);
        }
        byte[] name = field(target.host().getBytes(StandardCharsets.UTF_8), "host name");
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(new byte[] {SOCKS_VERSION, CONNECT, 0, NAME, (byte) name.length});
        request.writeBytes(name);
        request.write(target.port() >> 8);
        request.write(target.port());
        out.write(request.toByteArray());
        out.flush();
        readReply();
    }

    private void giveCredentials() throws IOException {
        Route.Credentials given = proxy.credentials().orElseThrow();
        byte[] user = field(given.user().getBytes(StandardCharsets.UTF_8), "user");
        byte[] password = given.password().toByteArray();
        byte[] message = new byte[3 + user.length + password.length];
        try {
            field(password, "password");
            message[0] = 1;
            message[1] = (byte) user.length;
            System.arraycopy(user, 0, message, 2, user.length);
            message[2 + user.length] = (byte) password.length;
            System.arraycopy(password, 0, message, 3 + user.length, password.length);
            out.write(message);
            out.flush();
        } finally {
            Arrays.fill(password, (byte) 0);
            Arrays.fill(message, (byte) 0);
        }
        if (read(2)[1] != 0) {
            throw refused("it does not know this user, or not with this password");
        }
    }

    private void readReply() throws IOException {
        byte[] head = read(4);
        if (head[0] != SOCKS_VERSION) {
            throw refused("its answer cannot be understood");
        }
        if (head[1] != 0) {
            int reply = head[1] & 0xff;
            String why = switch (reply) {
                case 1 -> "general failure";
                case 2 -> "not allowed by its rules";
                case 3 -> "network unreachable";
                case 4 -> "host unreachable";
                case 5 -> "connection refused";
                case 6 -> "time to live expired";
                case 7 -> "command not supported";
                case 8 -> "address type not supported";
                default -> "reply " + reply;
            };
            if (reply == 2 || reply == 7 || reply == 8) {
                throw refused(why);
            }
            throw new UnreachableException(
                    target, Phase.CONNECT, "the proxy " + proxy + " cannot connect there: " + why, null);
        }
        // The address that it connected from is of no use to us, but it stands before the target's first byte.
        int length = switch (head[3]) {
            case IPV4 -> 4;
            case IPV6 -> 16;
            case NAME -> read(1)[0] & 0xff;
            default -> throw refused("its answer cannot be understood");
        };
        read(length + 2);
    }

    private byte[] field(byte[] bytes, String what) {
        if (bytes.length == 0 || bytes.length > MAX_FIELD_BYTES) {
            throw refused(
                    "a " + what + " of " + bytes.length + " bytes cannot be told to it, at most " + MAX_FIELD_BYTES);
        }
        return bytes;
    }

    // --- HTTP ---

    private void askHttp() throws IOException {
        String host = target.host().indexOf(':') >= 0 ? "[" + target.host() + "]" : target.host();
        if (!host.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw refused("the host name has a character that cannot stand in a request");
        }
        String authority = host + ":" + target.port();
        out.write(("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        if (proxy.credentials().isPresent()) {
            writeBasic(proxy.credentials().orElseThrow());
        }
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
        String status = readStatusAndSkipHeaders();
        String[] words = status.split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[0-9]{3}")) {
            throw refused("what answers there is no HTTP proxy");
        }
        if (words[1].startsWith("2")) {
            return;
        }
        String said = printable(status.substring(status.indexOf(' ') + 1));
        if (words[1].startsWith("5")) {
            throw new UnreachableException(
                    target, Phase.CONNECT, "the proxy " + proxy + " cannot connect there: " + said, null);
        }
        throw refused("it says " + said);
    }

    private void writeBasic(Route.Credentials given) throws IOException {
        byte[] user = (given.user() + ":").getBytes(StandardCharsets.UTF_8);
        byte[] password = given.password().toByteArray();
        byte[] both = Arrays.copyOf(user, user.length + password.length);
        System.arraycopy(password, 0, both, user.length, password.length);
        byte[] encoded = Base64.getEncoder().encode(both);
        try {
            out.write("Proxy-Authorization: Basic ".getBytes(StandardCharsets.US_ASCII));
            out.write(encoded);
            out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        } finally {
            Arrays.fill(password, (byte) 0);
            Arrays.fill(both, (byte) 0);
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /** Reads up to the empty line, a byte at a time: the next one may be the target's. */
    private String readStatusAndSkipHeaders() throws IOException {
        String status = null;
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int count = 0; count < MAX_HEADER_BYTES; count++) {
            int next = read(1)[0];
            if (next != '\n') {
                line.write(next);
                continue;
            }
            String text = line.toString(StandardCharsets.ISO_8859_1);
            text = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            if (status == null) {
                status = text;
            } else if (text.isEmpty()) {
                return status;
            }
            line.reset();
        }
        throw refused("its answer has no end within " + MAX_HEADER_BYTES + " bytes");
    }

    // --- both ---

    private byte[] read(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("end of stream");
        }
        return bytes;
    }

    private TransportException refused(String why) {
        return new TransportException(
                target, Phase.CONNECT, false, "the proxy " + proxy + " does not help: " + why, null);
    }

    private static String printable(String text) {
        String shown = text.replaceAll("\\p{Cntrl}", "?");
        return String.format(Locale.ROOT, "%." + MAX_SHOWN_CHARS + "s", shown);
    }
}
