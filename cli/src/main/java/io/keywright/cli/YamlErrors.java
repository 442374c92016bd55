package io.keywright.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Gathers what is wrong with a file, so that all of it is told at once. */
final class YamlErrors {
    /** Beyond this, the file is not what it should be, and more lines do not help. */
    private static final int MAX_ERRORS = 20;

    private record Finding(YamlNode.Place place, String message) {}

    private final String file;
    private final List<Finding> errors = new ArrayList<>();

    YamlErrors(String file) {
        this.file = file;
    }

    void add(YamlNode.Place place, String message) {
        errors.add(new Finding(place, message));
    }

    boolean isEmpty() {
        return errors.isEmpty();
    }

    /** Throws what was gathered, if anything was. */
    void throwIfAny() {
        if (!errors.isEmpty()) {
            throw exception();
        }
    }

    FileErrorsException exception() {
        List<String> lines = new ArrayList<>();
        errors.stream()
                .sorted(Comparator.comparing(Finding::place))
                .limit(MAX_ERRORS)
                .forEach(error -> lines.add(
                        file + ":" + error.place().line() + ":" + error.place().column() + ": " + error.message()));
        if (errors.size() > MAX_ERRORS) {
            lines.add(file + ": and " + (errors.size() - MAX_ERRORS) + " errors more");
        }
        return new FileErrorsException(lines);
    }
}
