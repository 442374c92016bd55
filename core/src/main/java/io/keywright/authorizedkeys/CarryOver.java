package io.keywright.authorizedkeys;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a new key inherits from an old key's line: all options by default, and not the comment. Immutable and thread-safe.
 */
public final class CarryOver {
    /** All options, not the comment. */
    public static final CarryOver OPTIONS = new CarryOver(false, new String[0]);

    private final boolean comment;
    private final String[] dropped;

    private CarryOver(boolean comment, String[] dropped) {
        this.comment = comment;
        this.dropped = dropped;
    }

    /**
     * Returns this, with the old line's comment taken instead of the new key's.
     *
     * @return a copy
     */
    public CarryOver withComment() {
        return new CarryOver(true, dropped);
    }

    /**
     * Returns this, with some options left behind: {@code expiry-time} for one, when it was stamped on the old line to
     * end it.
     *
     * @param names the options' names; their case does not count
     * @return a copy
     */
    public CarryOver withoutOptions(String... names) {
        for (String name : names) {
            Objects.requireNonNull(name, "name");
        }
        return new CarryOver(
                comment,
                Stream.concat(Arrays.stream(dropped), Arrays.stream(names)).toArray(String[]::new));
    }

    boolean carriesComment() {
        return comment;
    }

    KeyOptions from(Entry oldLine) {
        return oldLine.options().without(dropped);
    }

    /** Says what is carried over. */
    @Override
    public String toString() {
        return "options"
                + (dropped.length == 0 ? "" : " without " + String.join(", ", dropped))
                + (comment ? " and comment" : "");
    }
}
