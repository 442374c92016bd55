package io.keywright.testkit.simulation;

import io.keywright.SshPublicKey;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.DurableWrite;
import io.keywright.transport.ProbeReport;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A transport that asks another, and may change what is written. */
abstract class DelegatingTransport implements SshTransport {
    private final SshTransport transport;

    DelegatingTransport(SshTransport transport) {
        this.transport = transport;
    }

    /** What is written in place of what was meant to be. */
    byte[] written(String path, byte[] content) {
        return content;
    }

    /** Whether locks are taken in imagination only, and the files of other editors are not seen. */
    boolean pretendsToLock() {
        return false;
    }

    @Override
    public String name() {
        return transport.name();
    }

    @Override
    public SshConnection connect(ConnectRequest request) {
        return new DelegatingConnection(transport.connect(request)) {
            @Override
            public SftpSession openSftp() {
                return around(super.openSftp());
            }
        };
    }

    @Override
    public ProbeReport probe(SshTarget target, List<SshPublicKey> keys) {
        return transport.probe(target, keys);
    }

    @Override
    public void close() {
        transport.close();
    }

    private SftpSession around(SftpSession sftp) {
        Map<String, byte[]> imagined = new HashMap<>();
        return (SftpSession) Proxy.newProxyInstance(
                SftpSession.class.getClassLoader(), new Class<?>[] {SftpSession.class}, (proxy, method, arguments) -> {
                    if (method.getName().startsWith("send") || method.getName().startsWith("begin")) {
                        return InvocationHandler.invokeDefault(proxy, method, arguments); // which comes back here
                    }
                    String path = arguments == null ? "" : String.valueOf(arguments[0]);
                    if (pretendsToLock() && path.endsWith(".keywright-lock")) {
                        return imagine(imagined, method.getName(), path, arguments);
                    }
                    if (method.getName().equals("createExclusive")) {
                        arguments[2] = written(path, (byte[]) arguments[2]);
                    }
                    Object result = invoke(sftp, method, arguments);
                    return switch (method.getName()) {
                        case "durableWrite" -> durable((Optional<?>) result);
                        case "list" -> pretendsToLock() ? withoutEditors((List<?>) result) : result;
                        default -> result;
                    };
                });
    }

    private static List<String> withoutEditors(List<?> names) {
        return names.stream()
                .map(String.class::cast)
                .filter(name -> !name.startsWith(".keywright-"))
                .toList();
    }

    private static Object invoke(SftpSession sftp, java.lang.reflect.Method method, Object[] arguments)
            throws Throwable {
        try {
            return method.invoke(sftp, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Optional<DurableWrite> durable(Optional<?> write) {
        return write.map(DurableWrite.class::cast)
                .map(inner -> (path, mode, content) -> inner.createExclusiveSynced(path, mode, written(path, content)));
    }

    private static Object imagine(Map<String, byte[]> files, String method, String path, Object[] arguments) {
        return switch (method) {
            case "createExclusive" -> {
                files.put(path, (byte[]) arguments[2]);
                yield null;
            }
            case "lstat", "stat" -> Optional.ofNullable(files.get(path)).map(DelegatingTransport::attributes);
            case "read" -> files.get(path);
            case "remove" -> {
                files.remove(path);
                yield null;
            }
            default -> throw new IllegalStateException("nobody does " + method + " with a lock");
        };
    }

    private static RemoteAttributes attributes(byte[] content) {
        return new RemoteAttributes(
                RemoteAttributes.Kind.REGULAR,
                content.length,
                OptionalInt.of(0600),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty());
    }
}
