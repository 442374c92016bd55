package io.keywright.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.sshd.SshdTransport;
import io.keywright.transport.sshj.SshjTransport;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints what an open connection costs a client of OpenSSH's server, with each transport: processor time to log in, heap and
 * threads while it is open. Run it with {@code ./bench --connections}.
 */
public final class ConnectionCost {
    // Enough that what a transport needs once does not show, and no burden for the server.
    private static final int CONNECTIONS = 100;
    // After so many the just-in-time compiler has seen most of it.
    private static final int WARM_UP = 300;

    private ConnectionCost() {}

    /**
     * Measures both transports.
     *
     * @param args none
     */
    public static void main(String[] args) {
        try (OpenSshServer server = OpenSshServer.start();
                SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            ServerAccount account = server.addAccount();
            account.writeAuthorizedKeys(pair.publicKey().toLine() + "\n");
            SshTarget target = SshTarget.of(
                    server.host(), server.port(), account.name(), HostKeyVerifier.pinned(server.hostKeys()));
            System.out.println("transport  log-in, CPU ms  open, heap KiB  open, threads");
            for (SshTransport each : List.of(SshdTransport.create(), SshjTransport.create())) {
                try (SshTransport transport = each) {
                    measure(transport, ConnectRequest.of(target, LogIn.withKey(pair)));
                }
            }
        }
    }

    private static void measure(SshTransport transport, ConnectRequest request) {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        for (int i = 0; i < WARM_UP; i++) {
            transport.connect(request).close();
        }
        long heap = usedHeap();
        int threads = ManagementFactory.getThreadMXBean().getThreadCount();
        long cpu = system.getProcessCpuTime();
        List<SshConnection> open = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            open.add(transport.connect(request));
        }
        double millis = (system.getProcessCpuTime() - cpu) / 1e6 / CONNECTIONS;
        double kibibytes = (usedHeap() - heap) / 1024.0 / CONNECTIONS;
        double more = (ManagementFactory.getThreadMXBean().getThreadCount() - threads) / (double) CONNECTIONS;
        System.out.printf(Locale.ROOT, "%-9s  %14.1f  %14.0f  %13.1f%n", transport.name(), millis, kibibytes, more);
        open.forEach(SshConnection::close);
    }

    /** What is left after a collection, which this asks for twice: the first may only have begun. */
    private static long usedHeap() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
