package io.keywright.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.Blake2bDigest;

/**
 * Argon2 version 1.3 (RFC 9106), which stops when its thread is interrupted: Bouncy Castle's does not, and within the default
 * limits it may run for half a minute.
 *
 * <pre>
 *   memory  lanes of columns of 1024-byte blocks; each pass goes over it in 4 slices, each lane's part of one is a segment
 *   B[lane][0], B[lane][1]  = H'(H0 || LE32(0 or 1) || LE32(lane)), where H0 is BLAKE2b of all parameters
 *   B[lane][j]              = G(B[lane][j - 1], B[reference]), from the second pass on xor what was there
 *   key                     = H'(xor of each lane's last block)
 * </pre>
 *
 * <p>The reference is chosen by two words J1 and J2: Argon2d takes them from the block before, Argon2i from a counter, and
 * Argon2id is Argon2i in the first half of the first pass and Argon2d from there on. The lanes run one after the other.
 */
final class Argon2 {
    private static final VarHandle LITTLE_ENDIAN_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LITTLE_ENDIAN_INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int VERSION = 0x13;
    private static final int SLICES = 4;
    private static final int BLOCK_BYTES = 1024;
    private static final int BLOCK_WORDS = BLOCK_BYTES / Long.BYTES;
    private static final int HASH_BYTES = 64;
    private static final long LOW_HALF = 0xffffffffL;

    private final Argon2Kind kind;
    private final int passes;
    private final int lanes;
    private final int laneLength;
    private final int segmentLength;
    private final long[][] memory;
    private final long[] mixed = new long[BLOCK_WORDS];
    private final long[] counter = new long[BLOCK_WORDS];
    private final long[] addresses = new long[BLOCK_WORDS];

    private Argon2(Argon2Kind kind, int memoryKib, int passes, int parallelism) {
        this.kind = kind;
        this.passes = passes;
        this.lanes = parallelism;
        this.segmentLength = memoryKib / (SLICES * parallelism);
        this.laneLength = SLICES * segmentLength;
        this.memory = new long[lanes * laneLength][];
    }

    /**
     * Derives a key.
     *
     * @param memoryKib at least 8 times the parallelism
     * @param passes at least 1
     * @param parallelism at least 1
     * @return the key, which the caller wipes
     * @throws KeyDerivationInterruptedException when the thread is interrupted; looked at once a block
     */
    static byte[] derive(
            Argon2Kind kind,
            byte[] passphrase,
            byte[] salt,
            int memoryKib,
            int passes,
            int parallelism,
            int outputBytes) {
        if (passes < 1 || parallelism < 1 || memoryKib / 8 < parallelism) {
            throw new IllegalArgumentException("passes, parallelism or memory are below what RFC 9106 allows");
        }
        byte[] start = start(kind, passphrase, salt, memoryKib, passes, parallelism, outputBytes);
        Argon2 argon2 = new Argon2(kind, memoryKib, passes, parallelism);
        try {
            argon2.fillFirstColumns(start);
            argon2.fillMemory();
            return argon2.finish(outputBytes);
        } finally {
            Arrays.fill(start, (byte) 0);
            argon2.wipe();
        }
    }

    /** Computes H0, with room behind it for two numbers (RFC 9106, section 3.2). */
    private static byte[] start(
            Argon2Kind kind,
            byte[] passphrase,
            byte[] salt,
            int memoryKib,
            int passes,
            int parallelism,
            int outputBytes) {
        Blake2bDigest hash = new Blake2bDigest(HASH_BYTES * Byte.SIZE);
        for (int number : new int[] {parallelism, outputBytes, memoryKib, passes, VERSION, number(kind)}) {
            update(hash, number);
        }
        update(hash, passphrase.length);
        hash.update(passphrase, 0, passphrase.length);
        update(hash, salt.length);
        hash.update(salt, 0, salt.length);
        // There is neither a secret nor associated data.
        update(hash, 0);
        update(hash, 0);
        byte[] start = new byte[HASH_BYTES + 2 * Integer.BYTES];
        hash.doFinal(start, 0);
        return start;
    }

    private static int number(Argon2Kind kind) {
        return switch (kind) {
            case ARGON2D -> 0;
            case ARGON2I -> 1;
            case ARGON2ID -> 2;
        };
    }

    private static void update(Blake2bDigest hash, int number) {
        byte[] bytes = new byte[Integer.BYTES];
        LITTLE_ENDIAN_INT.set(bytes, 0, number);
        hash.update(bytes, 0, bytes.length);
    }

    /** Computes H', a hash of any length (RFC 9106, section 3.3). */
    private static byte[] hash(byte[] input, int outputBytes) {
        byte[] output = new byte[outputBytes];
        Blake2bDigest first = new Blake2bDigest(Math.min(outputBytes, HASH_BYTES) * Byte.SIZE);
        update(first, outputBytes);
        first.update(input, 0, input.length);
        if (outputBytes <= HASH_BYTES) {
            first.doFinal(output, 0);
            return output;
        }
        byte[] link = new byte[HASH_BYTES];
        first.doFinal(link, 0);
        int done = 0;
        while (true) {
            System.arraycopy(link, 0, output, done, HASH_BYTES / 2);
            done += HASH_BYTES / 2;
            int rest = outputBytes - done;
            Blake2bDigest next = new Blake2bDigest(Math.min(rest, HASH_BYTES) * Byte.SIZE);
            next.update(link, 0, HASH_BYTES);
            if (rest <= HASH_BYTES) {
                next.doFinal(output, done);
                Arrays.fill(link, (byte) 0);
                return output;
            }
            next.doFinal(link, 0);
        }
    }

    private void fillFirstColumns(byte[] start) {
        for (int lane = 0; lane < lanes; lane++) {
            LITTLE_ENDIAN_INT.set(start, HASH_BYTES + Integer.BYTES, lane);
            for (int column = 0; column < 2; column++) {
                LITTLE_ENDIAN_INT.set(start, HASH_BYTES, column);
                byte[] bytes = hash(start, BLOCK_BYTES);
                long[] block = new long[BLOCK_WORDS];
                for (int i = 0; i < BLOCK_WORDS; i++) {
                    block[i] = (long) LITTLE_ENDIAN_LONG.get(bytes, i * Long.BYTES);
                }
                memory[lane * laneLength + column] = block;
                Arrays.fill(bytes, (byte) 0);
            }
        }
    }

    private void fillMemory() {
        for (int pass = 0; pass < passes; pass++) {
            for (int slice = 0; slice < SLICES; slice++) {
                for (int lane = 0; lane < lanes; lane++) {
                    fillSegment(pass, slice, lane);
                }
            }
        }
    }

    private void fillSegment(int pass, int slice, int lane) {
        boolean counted =
                kind == Argon2Kind.ARGON2I || (kind == Argon2Kind.ARGON2ID && pass == 0 && slice < SLICES / 2);
        if (counted) {
            startCounter(pass, slice, lane);
        }
        for (int i = pass == 0 && slice == 0 ? 2 : 0; i < segmentLength; i++) {
            if (Thread.currentThread().isInterrupted()) {
                throw new KeyDerivationInterruptedException("Argon2");
            }
            int column = slice * segmentLength + i;
            int at = lane * laneLength + column;
            long[] before = memory[column == 0 ? at + laneLength - 1 : at - 1];
            if (counted && (i % BLOCK_WORDS == 0 || (pass == 0 && column == 2))) {
                nextAddresses();
            }
            long pseudoRandom = counted ? addresses[i % BLOCK_WORDS] : before[0];
            long[] reference = memory[reference(pass, slice, lane, i, pseudoRandom)];
            if (memory[at] == null) {
                memory[at] = new long[BLOCK_WORDS];
            }
            compress(before, reference, memory[at]);
        }
    }

    /** Makes the input of the address blocks of a segment (RFC 9106, section 3.4.1.2). */
    private void startCounter(int pass, int slice, int lane) {
        Arrays.fill(counter, 0);
        counter[0] = pass;
        counter[1] = lane;
        counter[2] = slice;
        counter[3] = memory.length;
        counter[4] = passes;
        counter[5] = number(kind);
    }

    /** Computes the next 128 pairs of J1 and J2: G(0, G(0, counter)). */
    private void nextAddresses() {
        counter[6]++;
        long[] zero = new long[BLOCK_WORDS];
        Arrays.fill(addresses, 0);
        compress(zero, counter, addresses);
        long[] once = addresses.clone();
        Arrays.fill(addresses, 0);
        compress(zero, once, addresses);
    }

    /** Finds the reference block (RFC 9106, sections 3.4.1 and 3.4.2). */
    private int reference(int pass, int slice, int lane, int i, long pseudoRandom) {
        int chosen = pass == 0 && slice == 0 ? lane : (int) ((pseudoRandom >>> 32) % lanes);
        // Of the own lane everything that is there counts but the block before; of others, finished segments.
        int finished = (pass == 0 ? slice : SLICES - 1) * segmentLength;
        int area = chosen == lane ? finished + i - 1 : finished - (i == 0 ? 1 : 0);
        long low = pseudoRandom & LOW_HALF;
        long fromEnd = (area * ((low * low) >>> 32)) >>> 32;
        int first = pass == 0 || slice == SLICES - 1 ? 0 : (slice + 1) * segmentLength;
        int column = (int) ((first + area - 1 - fromEnd) % laneLength);
        return chosen * laneLength + column;
    }

    /** Xors G of two blocks into a third (RFC 9106, section 3.5): the first pass finds zeros there. */
    private void compress(long[] a, long[] b, long[] into) {
        long[] z = mixed;
        for (int i = 0; i < BLOCK_WORDS; i++) {
            z[i] = a[i] ^ b[i];
            into[i] ^= z[i];
        }
        for (int row = 0; row < BLOCK_WORDS; row += 16) {
            permute(z, row, 2);
        }
        for (int column = 0; column < 16; column += 2) {
            permute(z, column, 16);
        }
        for (int i = 0; i < BLOCK_WORDS; i++) {
            into[i] ^= z[i];
        }
    }

    /** P over 8 pairs of words (RFC 9106, section 3.6): BLAKE2b's round with multiplications. */
    private static void permute(long[] z, int from, int stride) {
        int b = from + 2 * stride;
        int c = from + 4 * stride;
        int d = from + 6 * stride;
        quarter(z, from, b, c, d);
        quarter(z, from + 1, b + 1, c + 1, d + 1);
        quarter(z, from + stride, b + stride, c + stride, d + stride);
        quarter(z, from + stride + 1, b + stride + 1, c + stride + 1, d + stride + 1);
        quarter(z, from, b + 1, c + stride, d + stride + 1);
        quarter(z, from + 1, b + stride, c + stride + 1, d);
        quarter(z, from + stride, b + stride + 1, c, d + 1);
        quarter(z, from + stride + 1, b, c + 1, d + stride);
    }

    private static void quarter(long[] z, int atA, int atB, int atC, int atD) {
        long a = z[atA];
        long b = z[atB];
        long c = z[atC];
        long d = z[atD];
        a += b + 2 * (a & LOW_HALF) * (b & LOW_HALF);
        d = Long.rotateRight(d ^ a, 32);
        c += d + 2 * (c & LOW_HALF) * (d & LOW_HALF);
        b = Long.rotateRight(b ^ c, 24);
        a += b + 2 * (a & LOW_HALF) * (b & LOW_HALF);
        d = Long.rotateRight(d ^ a, 16);
        c += d + 2 * (c & LOW_HALF) * (d & LOW_HALF);
        b = Long.rotateRight(b ^ c, 63);
        z[atA] = a;
        z[atB] = b;
        z[atC] = c;
        z[atD] = d;
    }

    private byte[] finish(int outputBytes) {
        long[] sum = mixed;
        Arrays.fill(sum, 0);
        for (int lane = 0; lane < lanes; lane++) {
            long[] last = memory[lane * laneLength + laneLength - 1];
            for (int i = 0; i < BLOCK_WORDS; i++) {
                sum[i] ^= last[i];
            }
        }
        byte[] bytes = new byte[BLOCK_BYTES];
        for (int i = 0; i < BLOCK_WORDS; i++) {
            LITTLE_ENDIAN_LONG.set(bytes, i * Long.BYTES, sum[i]);
        }
        byte[] output = hash(bytes, outputBytes);
        Arrays.fill(bytes, (byte) 0);
        return output;
    }

    private void wipe() {
        for (long[] block : memory) {
            if (block != null) {
                Arrays.fill(block, 0);
            }
        }
        Arrays.fill(mixed, 0);
    }
}
