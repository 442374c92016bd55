package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationEvent.Phase;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final DeviceFailure HOSTILE =
            new DeviceFailure(DeviceFailure.Kind.OTHER, true, "the server said \u001b[2J and\nmore");

    private static String shown(int columns, RotationEvent... events) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Shell shell = Shell.of(
                        new ByteArrayInputStream(new byte[0]),
                        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of())
                .withBar(columns);
        try (ProgressDisplay display = ProgressDisplay.on(shell)) {
            Arrays.stream(events).forEach(display);
        }
        return err.toString(StandardCharsets.UTF_8);
    }

    private static RotationEvent[] rotation() {
        return new RotationEvent[] {
            new RotationEvent.Begun(NOW, "000001", "prod", 2, false),
            new RotationEvent.PhaseBegun(NOW, Phase.EXPAND, 2),
            new RotationEvent.DeviceDone(NOW, Phase.EXPAND, "web-1", 1, 2),
            new RotationEvent.DeviceFailed(NOW, Phase.EXPAND, "web-2", HOSTILE, 1, Duration.ofMillis(50)),
            new RotationEvent.DeviceDone(NOW, Phase.EXPAND, "web-2", 2, 2),
            new RotationEvent.Promoted(NOW, 2),
            new RotationEvent.PhaseBegun(NOW, Phase.CONTRACT, 2),
        };
    }

    @Nested
    class WithoutTerminal {
        @Test
        void accept_events_areALineEach() {
            assertThat(shown(0, rotation())).isEqualTo("""
                            rotating prod on 2 devices
                            adding the new key on 2 devices
                            web-1 accepts the new key (1/2)
                            web-2: the server said \\u{1b}[2J and; more; next attempt in 50 ms
                            web-2 accepts the new key (2/2)
                            version 2 is current
                            removing the old key on 2 devices
                            """);
        }
    }

    @Nested
    class OnATerminal {
        /** Plays the terminal: what stands on the screen when everything has been written. */
        private List<String> screen(String written) {
            return Arrays.stream(written.split("\n"))
                    .map(line ->
                            line.contains("\r\u001b[K") ? line.substring(line.lastIndexOf("\r\u001b[K") + 4) : line)
                    .toList();
        }

        @Test
        void accept_events_leaveABarAPhaseAndWhatMattersAbove() {
            List<String> screen = screen(shown(100, rotation()));

            assertThat(screen).hasSize(5);
            assertThat(screen.get(0)).isEqualTo("rotating prod on 2 devices");
            assertThat(screen.get(1)).isEqualTo("web-2: the server said \\u{1b}[2J and; more; next attempt in 50 ms");
            assertThat(screen.get(2)).isEqualTo("version 2 is current");
            assertThat(screen.get(3)).startsWith("expand ").contains("100%", "2/2", "web-2");
            assertThat(screen.get(4)).startsWith("contract ").contains("0%", "0/2");
        }

        @Test
        void accept_promotion_standsBelowNoStaleBar() {
            String written = shown(100, rotation());

            String before = written.substring(0, written.indexOf("version 2 is current"));
            assertThat(before).contains("2/2");
        }

        @Test
        void accept_narrowTerminal_isNeverOverrun() {
            assertThat(screen(shown(60, rotation())))
                    .allMatch(line -> line.startsWith("web-2: ") || line.length() < 60);
        }

        @Test
        void accept_doneOutOfOrder_neverGoesBack() {
            String written = shown(
                    100,
                    new RotationEvent.PhaseBegun(NOW, Phase.EXPAND, 3),
                    new RotationEvent.DeviceDone(NOW, Phase.EXPAND, "web-3", 3, 3),
                    new RotationEvent.DeviceDone(NOW, Phase.EXPAND, "web-2", 2, 3));

            assertThat(screen(written)).last().asString().contains("3/3");
        }
    }
}
