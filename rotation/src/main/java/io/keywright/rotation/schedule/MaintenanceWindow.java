package io.keywright.rotation.schedule;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Hours of the week in which keys may be changed, on the clock on the wall of a time zone.
 *
 * <p>A window is one stretch of time: it opens when the clock first shows {@code from}, and closes when it last shows {@code
 * to}. Where daylight saving skips one of these, the moment of the change is meant; a window that is skipped as a whole does
 * not open on that day.
 *
 * @param days on which it opens
 * @param from when it opens
 * @param to when it closes: on the next day unless it is later than {@code from}
 * @param zone whose clock is meant
 */
public record MaintenanceWindow(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {
    /** A window may be skipped once a year, by daylight saving; so the next is at most two weeks away. */
    private static final int SEARCHED_DAYS = 15;

    private static final int DAY_NAME_CHARS = 3;
    private static final Pattern TEXT = Pattern.compile("(\\S+) +([0-9:]+)-([0-9:]+) +(\\S+)");

    /** Copies the days, and checks that there is one. */
    public MaintenanceWindow {
        if (days.isEmpty()) {
            throw new IllegalArgumentException("a maintenance window needs a day of the week");
        }
        days = Collections.unmodifiableSet(EnumSet.copyOf(days));
    }

    /**
     * Parses a window.
     *
     * @param text days, hours and zone: {@code "mon-fri 22:00-04:00 Europe/Berlin"}, {@code "sat,sun 00:00-00:00 UTC"}
     * @return the window
     * @throws IllegalArgumentException when it is not of that form
     */
    public static MaintenanceWindow parse(String text) {
        Matcher parts = TEXT.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "a maintenance window is days, hours and zone, like: mon-fri 22:00-04:00 Europe/Berlin");
        }
        try {
            return new MaintenanceWindow(
                    days(parts.group(1)),
                    LocalTime.parse(parts.group(2)),
                    LocalTime.parse(parts.group(3)),
                    ZoneId.of(parts.group(4)));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "a maintenance window has hours like 22:00-04:00 and a zone like UTC", e);
        }
    }

    private static Set<DayOfWeek> days(String text) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String part : text.split(",", -1)) {
            int dash = part.indexOf('-');
            DayOfWeek day = day(dash < 0 ? part : part.substring(0, dash));
            DayOfWeek last = dash < 0 ? day : day(part.substring(dash + 1));
            days.add(day);
            while (day != last) {
                day = day.plus(1);
                days.add(day);
            }
        }
        return days;
    }

    private static DayOfWeek day(String name) {
        for (DayOfWeek day : DayOfWeek.values()) {
            if (label(day).equals(name.toLowerCase(Locale.ROOT))) {
                return day;
            }
        }
        throw new IllegalArgumentException("days of the week are mon, tue, wed, thu, fri, sat and sun");
    }

    private static String label(DayOfWeek day) {
        return day.name().substring(0, DAY_NAME_CHARS).toLowerCase(Locale.ROOT);
    }

    /**
     * Tells whether the window is open.
     *
     * @param moment the moment
     * @return true from the moment it opens until the one before it closes
     */
    public boolean contains(Instant moment) {
        LocalDate today = moment.atZone(zone).toLocalDate();
        return isOpen(today.minusDays(1), moment) || isOpen(today, moment);
    }

    private boolean isOpen(LocalDate day, Instant moment) {
        return days.contains(day.getDayOfWeek()) && !moment.isBefore(opens(day)) && moment.isBefore(closes(day));
    }

    /**
     * Finds the first moment from another on at which the window is open.
     *
     * @param moment where to begin
     * @return the moment itself when the window is open then, else when it opens next
     */
    public Instant openFrom(Instant moment) {
        if (contains(moment)) {
            return moment;
        }
        LocalDate today = moment.atZone(zone).toLocalDate();
        for (int i = 0; i < SEARCHED_DAYS; i++) {
            LocalDate day = today.plusDays(i);
            Instant opening = opens(day);
            if (days.contains(day.getDayOfWeek()) && !opening.isBefore(moment) && opening.isBefore(closes(day))) {
                return opening;
            }
        }
        // A zone that skips hours week after week has never been; should one ever be, the hours do not matter there.
        return moment;
    }

    private Instant opens(LocalDate day) {
        return notSkipped(day, from).withEarlierOffsetAtOverlap().toInstant();
    }

    private Instant closes(LocalDate day) {
        LocalDate last = to.isAfter(from) ? day : day.plusDays(1);
        return notSkipped(last, to).withLaterOffsetAtOverlap().toInstant();
    }

    /** The moment of the change where the clock does not show a time. */
    private ZonedDateTime notSkipped(LocalDate day, LocalTime time) {
        return Optional.ofNullable(zone.getRules().getTransition(day.atTime(time)))
                .filter(change -> change.isGap())
                .map(change -> change.getInstant().atZone(zone))
                .orElseGet(() -> ZonedDateTime.of(day, time, zone));
    }

    /**
     * Returns how long the window is on days without a change of the clock.
     *
     * @return more than zero, at most 24 hours
     */
    public Duration length() {
        Duration length = Duration.between(from, to);
        return length.isZero() || length.isNegative() ? length.plusDays(1) : length;
    }

    /** Writes the window as {@link #parse} reads it. */
    @Override
    public String toString() {
        return days.stream().map(MaintenanceWindow::label).collect(Collectors.joining(",")) + " " + from + "-" + to
                + " " + zone;
    }
}
