package io.keywright.cli;

import java.util.List;
import java.util.Map;

/** A part of a YAML file with its place, so that what is wrong with it can be found. A closed choice. */
sealed interface YamlNode {

    /** Where it stands: line and column, counted from 1. */
    Place place();

    /** Says what it is, e.g. {@code "a list"}. */
    String kind();

    /** A place in a file. */
    record Place(int line, int column) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            return line == other.line ? Integer.compare(column, other.column) : Integer.compare(line, other.line);
        }
    }

    /** A scalar: text, number, truth value, or nothing at all. */
    record Scalar(Place place, Type type, String text) implements YamlNode {
        /** What YAML takes a scalar for. */
        enum Type {
            TEXT("text"),
            INTEGER("a number"),
            DECIMAL("a number with a fraction"),
            BOOLEAN("true or false"),
            NOTHING("nothing");

            private final String words;

            Type(String words) {
                this.words = words;
            }
        }

        @Override
        public String kind() {
            return type.words;
        }
    }

    /** A list. */
    record Sequence(Place place, List<YamlNode> items) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Keys with values, in their order. */
    record Mapping(Place place, Map<String, Field> fields) implements YamlNode {
        @Override
        public String kind() {
            return "keys with values";
        }
    }

    /** A key's value, and the key's own place. */
    record Field(Place keyPlace, YamlNode value) {}
}
