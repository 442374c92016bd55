package io.keywright.cli;

import io.keywright.cli.YamlNode.Mapping;
import io.keywright.cli.YamlNode.Place;
import io.keywright.cli.YamlNode.Scalar;
import io.keywright.cli.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the fields of one mapping, strictly: a value of another type is an error, and so is a key that nobody asked for.
 * Every error is noted with its place, and reading goes on.
 */
final class YamlFields {
    /** A misspelt key is this near to the right one; farther away, a suggestion would be a guess. */
    private static final int MAX_DISTANCE = 3;

    private final Mapping mapping;
    private final YamlErrors errors;
    private final List<String> known = new ArrayList<>();

    private YamlFields(Mapping mapping, YamlErrors errors) {
        this.mapping = mapping;
        this.errors = errors;
    }

    /** Begins to read a node, which should be a mapping; empty when it is none. */
    static Optional<YamlFields> of(YamlNode node, String what, YamlErrors errors) {
        if (node instanceof Mapping mapping) {
            return Optional.of(new YamlFields(mapping, errors));
        }
        errors.add(node.place(), what + " has keys with values, but this is " + node.kind());
        return Optional.empty();
    }

    /** Where the mapping begins. */
    Place place() {
        return mapping.place();
    }

    /** Where a field's value stands, or the mapping's own place when there is no such field. */
    Place place(String name) {
        YamlNode.Field field = mapping.fields().get(name);
        return field == null ? mapping.place() : field.value().place();
    }

    /** Notes an error at a field's value. */
    void error(String name, String message) {
        errors.add(place(name), message);
    }

    /** Finds a field. */
    Optional<YamlNode> node(String name) {
        known.add(name);
        return Optional.ofNullable(mapping.fields().get(name)).map(YamlNode.Field::value);
    }

    Optional<String> text(String name) {
        return scalar(name, Scalar.Type.TEXT);
    }

    /** As {@link #text}, but it is an error when the field is missing. */
    Optional<String> requiredText(String name) {
        Optional<String> text = text(name);
        if (text.isEmpty() && !mapping.fields().containsKey(name)) {
            errors.add(mapping.place(), "'" + name + "' is missing");
        }
        return text;
    }

    Optional<Boolean> truth(String name) {
        return scalar(name, Scalar.Type.BOOLEAN)
                .map(text -> text.toLowerCase(Locale.ROOT).equals("true"));
    }

    Optional<Integer> number(String name) {
        return scalar(name, Scalar.Type.INTEGER).flatMap(text -> {
            try {
                return Optional.of(Integer.parseInt(text));
            } catch (NumberFormatException e) {
                error(name, "'" + name + "' is no decimal number of a size that makes sense");
                return Optional.empty();
            }
        });
    }

    private Optional<String> scalar(String name, Scalar.Type type) {
        return node(name).flatMap(node -> {
            if (node instanceof Scalar scalar && scalar.type() == type) {
                return Optional.of(scalar.text());
            }
            error(
                    name,
                    "'" + name + "' should be " + new Scalar(place(), type, "").kind() + ", but is " + node.kind()
                            + (type == Scalar.Type.TEXT
                                            && node instanceof Scalar scalar
                                            && scalar.type() != Scalar.Type.NOTHING
                                    ? ": put it in quotes"
                                    : ""));
            return Optional.empty();
        });
    }

    /** Reads a text, or a list of texts. */
    Optional<List<String>> texts(String name) {
        Optional<YamlNode> node = node(name);
        if (node.isEmpty()) {
            return Optional.empty();
        }
        if (!(node.get() instanceof Sequence sequence)) {
            return text(name).map(List::of);
        }
        List<String> texts = new ArrayList<>();
        for (YamlNode item : sequence.items()) {
            if (item instanceof Scalar scalar && scalar.type() == Scalar.Type.TEXT) {
                texts.add(scalar.text());
            } else {
                errors.add(item.place(), "'" + name + "' lists texts, but this is " + item.kind());
            }
        }
        return Optional.of(texts);
    }

    /** Notes every key that was not asked for. To be called when all others have been. */
    void refuseOthers() {
        Set<String> names = new HashSet<>(known);
        for (Map.Entry<String, YamlNode.Field> field : mapping.fields().entrySet()) {
            if (!names.contains(field.getKey())) {
                errors.add(field.getValue().keyPlace(), "unknown key '" + field.getKey() + "'" + hint(field.getKey()));
            }
        }
    }

    private String hint(String wrong) {
        String nearest = "";
        int least = Math.min(MAX_DISTANCE, wrong.length() / 2) + 1;
        for (String name : known) {
            int distance = distance(wrong.toLowerCase(Locale.ROOT).replace('_', '-'), name);
            if (distance < least) {
                least = distance;
                nearest = name;
            }
        }
        return nearest.isEmpty()
                ? ": known are " + String.join(", ", known.stream().distinct().toList())
                : ": did you mean '" + nearest + "'?";
    }

    /** Counts the insertions, deletions and substitutions that make one text of the other (Levenshtein). */
    private static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int substituted = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[right.length()];
    }
}
