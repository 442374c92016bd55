package io.keywright.testkit.rotation;

import io.keywright.transport.PosixRename;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;

/** Does something in the moment before each rename over a file. */
final class BeforeRename {
    private BeforeRename() {}

    static SshConnection on(SshConnection connection, Runnable action) {
        return wrap(
                SshConnection.class,
                connection,
                result ->
                        result instanceof SftpSession sftp ? wrap(SftpSession.class, sftp, renaming(action)) : result);
    }

    private interface Change {
        Object of(Object result);
    }

    private static Change renaming(Runnable action) {
        return result -> result instanceof Optional<?> found && found.orElse(null) instanceof PosixRename rename
                ? Optional.<PosixRename>of((from, to) -> {
                    action.run();
                    rename.posixRename(from, to);
                })
                : result;
    }

    private static <T> T wrap(Class<T> type, T wrapped, Change change) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(wrapped, arguments);
                        return result == null ? null : change.of(result);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
