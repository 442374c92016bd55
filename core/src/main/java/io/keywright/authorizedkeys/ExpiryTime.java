package io.keywright.authorizedkeys;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * The value of {@code expiry-time}, as sshd(8) describes it: {@code YYYYMMDD[HHMM[SS]][Z|UTC]}. Immutable and thread-safe.
 *
 * @param dateTime date and time as written; days and seconds that are too many have been carried over, as mktime(3) does
 * @param utc true with the suffix Z or UTC, which OpenSSH understands since 9.1; false means the server's own time zone
 */
public record ExpiryTime(LocalDateTime dateTime, boolean utc) {
    private static final DateTimeFormatter WRITTEN = DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT);

    /**
     * Parses a value.
     *
     * @param text e.g. {@code "20301231"} or {@code "20301231235959Z"}
     * @return the time, or empty when sshd would drop the line for it
     */
    public static Optional<ExpiryTime> parse(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        int suffix = upper.endsWith("UTC") ? 3 : upper.endsWith("Z") ? 1 : 0;
        String digits = text.substring(0, text.length() - suffix);
        int length = digits.length();
        boolean shaped =
                (length == 8 || length == 12 || length == 14) && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!shaped) {
            return Optional.empty();
        }
        int day = number(digits, 6);
        int hour = length > 8 ? number(digits, 8) : 0;
        int minute = length > 8 ? number(digits, 10) : 0;
        int second = length > 12 ? number(digits, 12) : 0;
        if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 61) {
            return Optional.empty();
        }
        try {
            LocalDateTime dateTime = LocalDate.of(Integer.parseInt(digits.substring(0, 4)), number(digits, 4), 1)
                    .atTime(hour, minute)
                    .plusDays(day - 1L)
                    .plusSeconds(second);
            ExpiryTime time = new ExpiryTime(dateTime, suffix > 0);
            // sshd takes zero for "no time" and does not go back before 1970.
            return time.at(ZoneOffset.UTC).getEpochSecond() > 0 ? Optional.of(time) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /**
     * Makes the value for a moment, in UTC.
     *
     * @param instant the last moment at which the key is accepted; parts of a second are cut off
     * @return the value
     * @throws EditRefusedException when the moment is before 1970 or after the year 9999
     */
    public static ExpiryTime of(Instant instant) {
        LocalDateTime dateTime = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
        if (instant.getEpochSecond() <= 0 || dateTime.getYear() > 9999) {
            throw new EditRefusedException(
                    EditRefusedException.Reason.NOT_WRITABLE, "an expiry time lies between 1970 and 9999");
        }
        return new ExpiryTime(dateTime, true);
    }

    /**
     * Returns the moment that is meant. Without a suffix, sshd reads the time as the server's standard time, in summer as
     * well: it tells mktime(3) that no daylight saving is in effect, so that the key is accepted for an hour longer than
     * the server's clock on the wall would say.
     *
     * @param serverZone the server's own time zone; does not matter when {@link #utc}
     * @return the last moment at which the key is accepted
     */
    public Instant at(ZoneId serverZone) {
        ZoneOffset offset = ZoneOffset.UTC;
        if (!utc) {
            Instant nearby = dateTime.atZone(serverZone).toInstant();
            offset = serverZone.getRules().getStandardOffset(nearby);
        }
        return dateTime.toInstant(offset);
    }

    /** Writes the value: {@code YYYYMMDDHHMMSS}, and {@code Z} for UTC. */
    @Override
    public String toString() {
        return WRITTEN.format(dateTime) + (utc ? "Z" : "");
    }

    private static int number(String digits, int at) {
        return Integer.parseInt(digits.substring(at, at + 2));
    }
}
