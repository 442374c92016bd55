package io.keywright.rotation;

import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sessions as of a transport that sends many requests before it waits for an answer: the server does at once what is sent, and
 * how that went is heard by whoever waits for it.
 */
final class PipelinedSession {
    private PipelinedSession() {}

    static SshConnection on(SshConnection connection) {
        return wrap(SshConnection.class, connection);
    }

    private static <T> T wrap(Class<T> type, T wrapped) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answer(method, wrapped, arguments)));
    }

    private static @Nullable Object answer(Method method, Object wrapped, Object @Nullable [] arguments)
            throws Throwable {
        Object answer;
        try {
            answer = method.invoke(wrapped, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failure && isHeardLater(method, failure)) {
                return (Runnable) () -> {
                    throw failure;
                };
            }
            throw e.getCause();
        }
        if (answer instanceof Supplier<?> asked) {
            return known(asked);
        } else if (answer instanceof SftpSession session) {
            return wrap(SftpSession.class, session);
        } else if (answer instanceof Optional<?> ability && ability.isPresent()) {
            return Optional.of(ability(ability.get()));
        }
        return answer;
    }

    /** That a file cannot be made is heard at once; that what it holds does not fit, when that is waited for. */
    private static boolean isHeardLater(Method method, RuntimeException failure) {
        return method.getReturnType() == Runnable.class
                && (method.getName().startsWith("send")
                        || String.valueOf(failure.getMessage()).contains("ENOSPC"));
    }

    /** What more a session can do is done as everything else. */
    private static Object ability(Object ability) {
        for (Class<?> type : ability.getClass().getInterfaces()) {
            if (type.getPackageName().equals(SftpSession.class.getPackageName())) {
                return Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> answer(method, ability, arguments));
            }
        }
        return ability;
    }

    private static Supplier<Object> known(Supplier<?> asked) {
        try {
            Object answer = asked.get();
            Object told = answer instanceof Optional<?> found
                            && found.orElse(null) instanceof SftpSession.Located located
                    ? Optional.of(new SftpSession.Located(located.attributes(), text(known(located.realPath()))))
                    : answer;
            return () -> told;
        } catch (RuntimeException e) {
            return () -> {
                throw e;
            };
        }
    }

    private static Supplier<String> text(Supplier<Object> answer) {
        return () -> (String) answer.get();
    }
}
