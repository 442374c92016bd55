package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the engine remembers of a device once it is done with it is small. */
class LargeFleetTest {
    /** 100,000 devices fit into 256 MiB, of which the JVM and the libraries take some 20: ten times fewer need this much. */
    private static final int DEVICES = Integer.getInteger("keywright.largeFleet", 10_000);

    private static final int HEAP_MEBIBYTES = 20 + (int) Math.ceil(DEVICES * 236L / 100_000.0);

    @Test
    @Tag("once")
    @Timeout(value = 20, unit = TimeUnit.MINUTES) // with -Plarge; ten times fewer take seconds
    void rotate_manyDevices_fitIntoASmallHeap() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP_MEBIBYTES + "m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ManyDevices.class.getName(),
                        Integer.toString(DEVICES))
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(child.waitFor(1, TimeUnit.MINUTES)).as(said).isTrue();
            assertThat(said)
                    .as("%d devices in %d MiB", DEVICES, HEAP_MEBIBYTES)
                    .contains("rotated " + DEVICES + " devices, success: true");
        } finally {
            child.destroyForcibly();
        }
    }
}
