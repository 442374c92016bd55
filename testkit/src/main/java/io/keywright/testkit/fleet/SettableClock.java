package io.keywright.testkit.fleet;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;

/** A clock that stands still until it is moved. Thread-safe; copies made by {@link #withZone} show the same time. */
public final class SettableClock extends Clock {
    /** Where {@link #create()} begins. */
    public static final Instant DEFAULT_START = Instant.parse("2026-01-05T08:00:00Z");

    private final Hands hands;
    private final ZoneId zone;

    /** What all copies share. */
    private static final class Hands {
        private Instant now;

        Hands(Instant now) {
            this.now = now;
        }

        synchronized Instant now() {
            return now;
        }

        synchronized void set(Instant instant) {
            now = instant;
        }

        synchronized void advance(Duration step) {
            now = now.plus(step);
        }
    }

    private SettableClock(Hands hands, ZoneId zone) {
        this.hands = hands;
        this.zone = zone;
    }

    /**
     * Makes a clock that shows {@link #DEFAULT_START}, in UTC.
     *
     * @return a new clock
     */
    public static SettableClock create() {
        return at(DEFAULT_START);
    }

    /**
     * Makes a clock that shows an instant, in UTC.
     *
     * @param start the time it shows
     * @return a new clock
     */
    public static SettableClock at(Instant start) {
        return new SettableClock(new Hands(Objects.requireNonNull(start, "start")), ZoneOffset.UTC);
    }

    /**
     * Moves the clock.
     *
     * @param step how far; a negative one moves it back, as an administrator may
     */
    public void advance(Duration step) {
        hands.advance(step);
    }

    /**
     * Sets the clock.
     *
     * @param instant the time that it shows from now on
     */
    public void set(Instant instant) {
        hands.set(Objects.requireNonNull(instant, "instant"));
    }

    /** Returns the time shown. */
    @Override
    public Instant instant() {
        return hands.now();
    }

    /** Returns the zone, which is UTC unless {@link #withZone} chose another. */
    @Override
    public ZoneId getZone() {
        return zone;
    }

    /** Returns a clock in another zone that moves with this one. */
    @Override
    public Clock withZone(ZoneId other) {
        return new SettableClock(hands, Objects.requireNonNull(other, "other"));
    }

    /** Says the time shown. */
    @Override
    public String toString() {
        return "SettableClock[" + hands.now() + "]";
    }
}
