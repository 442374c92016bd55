package io.keywright.format;

/**
 * What scrypt costs (RFC 7914, section 2) when it is written.
 *
 * @param cost N, a power of two
 * @param blockSize r
 * @param parallelism p
 */
record ScryptCost(int cost, int blockSize, int parallelism) {
    /**
     * Checks them.
     *
     * @throws IllegalArgumentException when RFC 7914 or a reader with default limits forbids them
     */
    ScryptCost {
        if (cost < 2
                || Integer.bitCount(cost) != 1
                || blockSize < 1
                || Integer.numberOfTrailingZeros(cost) >= 16L * blockSize) {
            throw new IllegalArgumentException("scrypt's N must be a power of two above 1 and below 2^(16 r)");
        }
        if (parallelism < 1 || parallelism > ReadLimits.MAX_SCRYPT_PARALLELISM) {
            throw new IllegalArgumentException(
                    "scrypt's p must be 1 to " + ReadLimits.MAX_SCRYPT_PARALLELISM + ", got " + parallelism);
        }
        long bytes = 128L * Math.max(cost, parallelism);
        if (blockSize > ReadLimits.DEFAULT_MAX_SCRYPT_MEMORY_BYTES / bytes) {
            throw new IllegalArgumentException("scrypt's 128 N r must be at most "
                    + ReadLimits.DEFAULT_MAX_SCRYPT_MEMORY_BYTES + " bytes, which is what readers take");
        }
    }
}
