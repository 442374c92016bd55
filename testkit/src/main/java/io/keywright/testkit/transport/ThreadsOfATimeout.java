package io.keywright.testkit.transport;

import io.keywright.transport.TransportTimeoutException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Adds to a test that failed by a timeout what every thread of this JVM was doing: the transport's, and an embedded server's.
 * A standstill that is seen once in a hundred builds cannot be asked a second time.
 */
final class ThreadsOfATimeout implements AfterTestExecutionCallback {
    @Override
    public void afterTestExecution(ExtensionContext context) {
        context.getExecutionException().filter(ThreadsOfATimeout::isTimeout).ifPresent(failure -> {
            String threads = Thread.getAllStackTraces().entrySet().stream()
                    .map(entry -> entry.getKey() + " " + entry.getKey().getState()
                            + Arrays.stream(entry.getValue())
                                    .map(frame -> "\n    at " + frame)
                                    .collect(Collectors.joining()))
                    .collect(Collectors.joining("\n"));
            String children = ProcessHandle.current()
                    .descendants()
                    .map(child -> child.pid() + " " + child.info())
                    .collect(Collectors.joining("\n"));
            failure.addSuppressed(new AssertionError("Threads:\n" + threads + "\nProcesses:\n" + children));
        });
    }

    private static boolean isTimeout(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TransportTimeoutException) {
                return true;
            }
        }
        return false;
    }
}
