package io.keywright.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.keywright.cli.YamlNode.Place;
import io.keywright.cli.YamlNode.Scalar;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads one YAML document with the place of everything in it. What makes YAML hard to foresee is refused: anchors and
 * aliases, tags, more than one document, a key twice.
 */
final class YamlFile {
    /** Some 10,000 devices. */
    static final int MAX_BYTES = 1024 * 1024;
    /** A credential file has three. */
    private static final int MAX_DEPTH = 16;

    private final YAMLParser parser;
    private final YamlErrors errors;

    private YamlFile(YAMLParser parser, YamlErrors errors) {
        this.parser = parser;
        this.errors = errors;
    }

    /** Reads a file. Errors after which reading can go on are added to {@code errors}, others are thrown. */
    static YamlNode read(Path path, YamlErrors errors) throws IOException {
        String text = text(path, errors);
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setCodePointLimit(MAX_BYTES);
        YAMLFactory factory = YAMLFactory.builder().loaderOptions(options).build();
        try (YAMLParser parser = factory.createParser(text)) {
            return new YamlFile(parser, errors).document();
        } catch (JsonProcessingException e) {
            addSyntaxError(e, errors);
            throw errors.exception();
        }
    }

    private static void addSyntaxError(JsonProcessingException e, YamlErrors errors) {
        Place place = e.getLocation() == null ? new Place(1, 1) : place(e.getLocation());
        String problem = String.valueOf(e.getOriginalMessage());
        // What Jackson says is where the parser was; the cause says where the trouble is.
        if (e.getCause() instanceof MarkedYAMLException cause && cause.getProblemMark() != null) {
            Mark mark = cause.getProblemMark();
            place = new Place(mark.getLine() + 1, mark.getColumn() + 1);
            problem = String.valueOf(cause.getProblem());
        }
        errors.add(
                place,
                "this is no YAML: " + problem.lines().findFirst().orElse("").strip());
    }

    private static String text(Path path, YamlErrors errors) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            errors.add(new Place(1, 1), "the file has more than " + MAX_BYTES + " bytes");
            throw errors.exception();
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            errors.add(new Place(1, 1), "the file is not UTF-8");
            throw errors.exception();
        }
    }

    private YamlNode document() throws IOException {
        if (parser.nextToken() == null) {
            errors.add(new Place(1, 1), "the file is empty");
            throw errors.exception();
        }
        YamlNode root = node();
        if (parser.nextToken() != null) {
            errors.add(place(parser.currentTokenLocation()), "a second document begins: one is expected");
        }
        return root;
    }

    private YamlNode node() throws IOException {
        Place place = place(parser.currentTokenLocation());
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
            errors.add(place, "anchors and aliases are not read: write it out");
        }
        if (parser.getTypeId() != null) {
            errors.add(place, "tags are not read: leave it out");
        }
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> mapping(place);
            case START_ARRAY -> sequence(place);
            case VALUE_NUMBER_INT -> scalar(place, Scalar.Type.INTEGER);
            case VALUE_NUMBER_FLOAT -> scalar(place, Scalar.Type.DECIMAL);
            case VALUE_TRUE, VALUE_FALSE -> scalar(place, Scalar.Type.BOOLEAN);
            case VALUE_NULL -> scalar(place, Scalar.Type.NOTHING);
            default -> scalar(place, Scalar.Type.TEXT);
        };
    }

    private Scalar scalar(Place place, Scalar.Type type) throws IOException {
        String text = parser.getText();
        return new Scalar(place, type, text == null ? "" : text);
    }

    private YamlNode sequence(Place place) throws IOException {
        List<YamlNode> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node());
        }
        return new YamlNode.Sequence(place, items);
    }

    private YamlNode mapping(Place place) throws IOException {
        Map<String, YamlNode.Field> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Place keyPlace = place(parser.currentTokenLocation());
            parser.nextToken();
            YamlNode.Field earlier = fields.putIfAbsent(name, new YamlNode.Field(keyPlace, node()));
            if (earlier != null) {
                errors.add(
                        keyPlace,
                        "'" + name + "' stands here a second time; the first is on line "
                                + earlier.keyPlace().line());
            }
        }
        return new YamlNode.Mapping(place, fields);
    }

    private static Place place(JsonLocation location) {
        return new Place(Math.max(location.getLineNr(), 1), Math.max(location.getColumnNr(), 1));
    }
}
