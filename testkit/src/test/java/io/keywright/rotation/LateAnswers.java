package io.keywright.rotation;

import io.keywright.transport.SftpSession;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A session whose server takes one file, and says only afterwards that it could not be written. */
final class LateAnswers {
    private LateAnswers() {}

    static SftpSession on(SftpSession session, String path) {
        return (SftpSession) Proxy.newProxyInstance(
                SftpSession.class.getClassLoader(), new Class<?>[] {SftpSession.class}, (proxy, method, arguments) -> {
                    try {
                        Object answer = method.invoke(session, arguments);
                        return method.getName().equals("beginExclusive") && path.equals(arguments[0])
                                ? (Runnable) () -> refuse(session, path)
                                : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static void refuse(SftpSession session, String path) {
        // What is there cannot be made: the server answers FAILURE, as for a full disk.
        session.makeDirectory(path, 0700);
    }
}
