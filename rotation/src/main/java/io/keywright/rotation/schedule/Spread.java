package io.keywright.rotation.schedule;

import java.time.Duration;

/** Spreads names evenly over a stretch of time: always the same place for a name and a seed. */
final class Spread {
    private static final int FRACTION_BITS = 32;

    private Spread() {}

    /** A place in a stretch: not negative, shorter than the stretch unless that is zero. */
    static Duration of(String name, long seed, Duration stretch) {
        long hash = seed;
        for (int i = 0; i < name.length(); i++) {
            hash = mix(hash ^ name.charAt(i));
        }
        long fraction = mix(hash) >>> FRACTION_BITS;
        // 128 bits, for the product of a stretch and a fraction may be more than a long
        long millis = stretch.toMillis();
        long high = Math.multiplyHigh(millis, fraction);
        long low = millis * fraction;
        return Duration.ofMillis((high << FRACTION_BITS) | (low >>> FRACTION_BITS));
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
    private static long mix(long value) {
        long mixed = value + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
