package io.keywright.format;

import static io.keywright.format.PublicPemTest.pem;
import static io.keywright.format.PublicPemTest.seq;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Passphrase;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every key derivation stops soon when its thread is interrupted midway, at the highest cost that the default limits allow,
 * where running to the end takes many times longer than this test waits.
 */
class KdfInterruptionTest {
    /** Each looks at the interruption more often than every tenth of a second; the rest is for a busy machine. */
    private static final long WAIT_MILLIS = 4000;

    /** The processor time after which the worker is well within, and far from the end. */
    private static final long MIDWAY_NANOS = 300_000_000;

    private static Arguments kdf(String name, String innermostClass, Consumer<Passphrase> work) {
        return Arguments.of(name, innermostClass, work);
    }

    static Stream<Arguments> costliest() {
        ReadLimits limits = ReadLimits.defaults();
        int kib = limits.maxArgon2MemoryKib();
        int passes = (int) (limits.maxArgon2WorkKib() / kib);
        int lanes = limits.maxArgon2Parallelism();
        byte[] salt = new byte[16];
        return Stream.of(
                kdf(
                        "bcrypt",
                        "BcryptPbkdf",
                        p -> KeyWriter.openssh()
                                .withPassphrase(p)
                                .withRounds(OpensshKeyWriter.MAX_ROUNDS)
                                .write(TestKeys.of("ed25519"))),
                kdf(
                        "PBKDF2",
                        "Pbkdf2",
                        p -> KeyWriter.pkcs8()
                                .withPassphrase(p)
                                .withIterations(Pkcs8KeyWriter.MAX_ITERATIONS)
                                .write(TestKeys.of("ed25519"))),
                kdf(
                        "PBKDF1",
                        "InterruptibleDigest",
                        p -> KeyReader.of().withPassphrase(p).read(old("1.2.840.113549.1.5.3"))),
                kdf(
                        "PKCS#12",
                        "InterruptibleDigest",
                        p -> KeyReader.of().withPassphrase(p).read(old("1.2.840.113549.1.12.1.3"))),
                kdf(
                        "scrypt with a large N",
                        "Scrypt",
                        p -> KeyWriter.pkcs8()
                                .withPassphrase(p)
                                .withScrypt(1 << 16, 8, 16)
                                .write(TestKeys.of("ed25519"))),
                kdf(
                        "Argon2 in a PPK",
                        "Argon2",
                        p -> KeyWriter.ppk()
                                .withPassphrase(p)
                                .withPasses((int)
                                        (ReadLimits.DEFAULT_MAX_ARGON2_WORK_KIB / PpkKeyWriter.DEFAULT_MEMORY_KIB))
                                .write(TestKeys.of("ed25519"))),
                kdf(
                        "Argon2i",
                        "Argon2",
                        p -> Argon2.derive(Argon2Kind.ARGON2I, p.toByteArray(), salt, kib, passes, 1, 80)),
                kdf(
                        "Argon2d in many lanes",
                        "Argon2",
                        p -> Argon2.derive(Argon2Kind.ARGON2D, p.toByteArray(), salt, kib, passes, lanes, 80)));
    }

    /** A file of an old scheme with as many iterations as the limits allow. */
    private static String old(String scheme) {
        return pem(
                "ENCRYPTED PRIVATE KEY",
                PublicPemCodec.encode(seq(
                        seq(
                                new ASN1ObjectIdentifier(scheme),
                                seq(
                                        new DEROctetString(new byte[8]),
                                        new ASN1Integer(ReadLimits.DEFAULT_MAX_PBKDF2_ITERATIONS))),
                        new DEROctetString(new byte[16]))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("costliest")
    @Timeout(60)
    void interrupt_midway_stopsSoonAndKeepsTheStatus(String name, String innermostClass, Consumer<Passphrase> work)
            throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicBoolean status = new AtomicBoolean();
        try (Passphrase passphrase = Passphrase.of("abc".toCharArray())) {
            Thread worker = new Thread(
                    () -> {
                        try {
                            work.accept(passphrase);
                        } catch (RuntimeException | Error e) {
                            thrown.set(e);
                        }
                        status.set(Thread.currentThread().isInterrupted());
                    },
                    name);
            worker.setDaemon(true);
            worker.start();
            while (worker.isAlive() && !(hasWorked(worker) && isIn(worker, innermostClass))) {
                Thread.onSpinWait();
            }
            worker.interrupt();
            worker.join(WAIT_MILLIS);

            assertThat(worker.isAlive()).as("still running").isFalse();
            assertThat(thrown.get()).isInstanceOf(KeyDerivationInterruptedException.class);
            assertThat(status).isTrue();
        }
    }

    private static boolean hasWorked(Thread worker) {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(worker.getId()) > MIDWAY_NANOS;
    }

    private static boolean isIn(Thread worker, String className) {
        return Arrays.stream(worker.getStackTrace())
                .anyMatch(frame -> frame.getClassName().endsWith("." + className));
    }
}
