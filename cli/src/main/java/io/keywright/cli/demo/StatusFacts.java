package io.keywright.cli.demo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code keywright status --json} says, as far as it is shown here.
 *
 * @param versions a line for each version of the key
 * @param devices what is said of devices, and of how many of them
 * @param latestRotation the report of the latest rotation, as JSON; {@code null} in JSON when there is none
 */
record StatusFacts(List<String> versions, Map<String, Integer> devices, String latestRotation) {
    private static final JsonFactory JSON = new JsonFactory();

    static StatusFacts parse(String status) throws IOException {
        List<String> versions = new ArrayList<>();
        String latest = "null";
        try (JsonParser parser = JSON.createParser(status)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("versions")) {
                    for (Map<String, String> version : objects(parser)) {
                        versions.add("version " + version.get("number") + " is " + version.get("label") + ": "
                                + version.get("fingerprint"));
                    }
                } else if (field.equals("latestRotation")) {
                    latest = copy(parser);
                } else {
                    parser.skipChildren();
                }
            }
        }
        return new StatusFacts(versions, devices(latest), latest);
    }

    private static Map<String, Integer> devices(String rotation) throws IOException {
        Map<String, Integer> counts = new LinkedHashMap<>();
        try (JsonParser parser = JSON.createParser(rotation)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return counts;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("devices")) {
                    objects(parser)
                            .forEach(device -> counts.merge(device.getOrDefault("meaning", ""), 1, Integer::sum));
                } else {
                    parser.skipChildren();
                }
            }
        }
        return counts;
    }

    /** Reads the texts and numbers of an array's objects; what is nested deeper is passed over. */
    private static List<Map<String, String>> objects(JsonParser parser) throws IOException {
        List<Map<String, String>> objects = new ArrayList<>();
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            Map<String, String> object = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                if (parser.nextToken().isScalarValue()) {
                    object.put(field, parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
            objects.add(object);
        }
        return objects;
    }

    private static String copy(JsonParser parser) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.copyCurrentStructure(parser);
        }
        return text.toString();
    }
}
