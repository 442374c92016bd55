package io.keywright.authorizedkeys;

import java.util.Set;

/** Checks the values of {@code permitopen} and {@code permitlisten}: {@code host:port}, {@code host/port}, {@code [host]:port}. */
final class PermitSpec {
    /** NI_MAXHOST: a host must be shorter. */
    private static final int MAX_HOST_LENGTH = 1025;

    private static final int MAX_PORT = 65535;

    /**
     * TCP services by name that every services(5) file has. A server may know more: a line with one of those is taken for
     * dropped here, so that it is never counted as a way in.
     */
    private static final Set<String> SERVICES = Set.of(
            "echo",
            "discard",
            "daytime",
            "ftp-data",
            "ftp",
            "ssh",
            "telnet",
            "smtp",
            "time",
            "whois",
            "domain",
            "gopher",
            "finger",
            "http",
            "kerberos",
            "pop3",
            "sunrpc",
            "auth",
            "nntp",
            "imap2",
            "snmp",
            "bgp",
            "ldap",
            "https",
            "microsoft-ds",
            "kpasswd",
            "submissions",
            "rtsp",
            "ipp",
            "exec",
            "login",
            "shell",
            "printer",
            "nntps",
            "submission",
            "ldaps",
            "rsync",
            "ftps",
            "telnets",
            "imaps",
            "pop3s",
            "socks",
            "openvpn",
            "ms-sql-s",
            "nfs",
            "iscsi-target",
            "mysql",
            "ms-wbt-server",
            "svn",
            "epmd",
            "sip",
            "sip-tls",
            "xmpp-client",
            "xmpp-server",
            "postgresql",
            "amqps",
            "amqp",
            "x11",
            "redis",
            "http-alt",
            "git");

    private PermitSpec() {}

    static boolean isPermitOpen(String value) {
        int hostEnd = hostEnd(value);
        return hostEnd >= 0 && hostEnd < MAX_HOST_LENGTH && isPort(value.substring(hostEnd + 1));
    }

    static boolean isPermitListen(String value) {
        return isPermitOpen(value.indexOf(':') < 0 ? "*:" + value : value);
    }

    /** Returns the index of the colon or slash after the host, or -1. */
    private static int hostEnd(String value) {
        int i = 0;
        if (value.startsWith("[")) {
            i = value.indexOf(']') + 1;
            boolean delimited = i > 0 && i < value.length() && (value.charAt(i) == ':' || value.charAt(i) == '/');
            return delimited ? i : -1;
        }
        while (i < value.length() && value.charAt(i) != ':' && value.charAt(i) != '/') {
            i++;
        }
        return i < value.length() ? i : -1;
    }

    private static boolean isPort(String port) {
        if (port.equals("*") || SERVICES.contains(port)) {
            return true;
        }
        return DecimalNumber.parse(port, MAX_PORT).orElse(0) > 0;
    }
}
