package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.rotation.RotationEvent.Phase;
import java.io.Serial;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;

class RotationLogTest {
    private static final Instant T = Instant.parse("2026-01-05T08:00:00Z");
    private static final DeviceFailure DOWN = new DeviceFailure(DeviceFailure.Kind.UNREACHABLE, true, "web-1 is down");

    private final Recorder recorder = new Recorder();
    private final RotationLog log = new RotationLog(recorder);

    /** Keeps what is logged. */
    private static final class Recorder extends AbstractLogger {
        @Serial
        private static final long serialVersionUID = 1;

        private final transient List<String> lines = new ArrayList<>();

        @Override
        protected String getFullyQualifiedCallerName() {
            return "";
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level, Marker marker, String message, Object[] arguments, Throwable throwable) {
            lines.add(level + " " + message);
        }

        @Override
        public boolean isTraceEnabled() {
            return true;
        }

        @Override
        public boolean isTraceEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isDebugEnabled() {
            return true;
        }

        @Override
        public boolean isDebugEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }

        @Override
        public boolean isInfoEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isWarnEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled(Marker marker) {
            return true;
        }
    }

    @Nested
    class Accept {
        @Test
        void accept_failures_warnOnlyWhenTheyAreFinal() {
            log.accept(new RotationEvent.DeviceFailed(T, Phase.EXPAND, "web-1", DOWN, 1, Duration.ofSeconds(1)));
            log.accept(new RotationEvent.DeviceFailed(T, Phase.EXPAND, "web-1", DOWN, 2, Duration.ZERO));
            log.accept(new RotationEvent.Aborting(T, "web-1 is down"));
            assertThat(recorder.lines)
                    .containsExactly(
                            "INFO web-1: web-1 is down; next attempt in 1000 ms",
                            "WARN web-1: web-1 is down",
                            "WARN taking the rotation back: web-1 is down");
        }

        @Test
        void accept_progress_isInformationAndDevicesAreDebugging() {
            log.accept(new RotationEvent.Promoted(T, 2));
            log.accept(new RotationEvent.DeviceDone(T, Phase.CONTRACT, "web-1", 1, 2));
            assertThat(recorder.lines)
                    .containsExactly("INFO version 2 is current", "DEBUG web-1 refuses the old key (1/2)");
        }
    }
}
