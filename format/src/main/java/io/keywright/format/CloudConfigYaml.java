package io.keywright.format;

import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.NotAKeyException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/**
 * The YAML of a cloud-config, as far as it holds lines of {@code authorized_keys}. SnakeYAML speaks YAML 1.1, as does PyYAML,
 * with which cloud-init reads; what one takes for a text, so does the other.
 *
 * <p>A document is composed into nodes and no further: no tag makes an object, and an alias is a second reference to a node.
 * Only the paths that may hold keys are looked at; there, merge keys and names that stand twice are refused, since they
 * would hide keys.
 */
final class CloudConfigYaml {
    private static final String HEADER = "#cloud-config";
    private static final String KEYS = "ssh_authorized_keys";
    /** The spelling of long ago, which cloud-init still reads. */
    private static final String KEYS_WITH_DASHES = "ssh-authorized-keys";

    private static final String USERS = "users";
    private static final String USER = "user";
    private static final String NAME = "name";
    private static final String DEFAULT_USER = "default";
    /** Aliases of lists and mappings; people use a handful, a bomb needs many. */
    private static final int MAX_ALIASES = 50;

    private CloudConfigYaml() {}

    /**
     * One text that may hold lines of {@code authorized_keys}.
     *
     * @param line where it stands, counted from 1
     */
    record Text(Optional<String> user, String text, int line) {}

    // --- reading ---

    static List<Text> read(String document, ReadLimits limits) {
        String text = document.startsWith("\uFEFF") ? document.substring(1) : document;
        String first = text.lines().findFirst().orElse("").stripTrailing();
        if (!first.equals(HEADER)) {
            throw new NotAKeyException("no cloud-config: its first line must be " + HEADER);
        }
        List<Text> found = new ArrayList<>();
        Node root = compose(text, limits);
        if (root != null && !root.getTag().equals(Tag.NULL)) {
            Map<String, Node> top = members(root);
            addKeys(found, Optional.empty(), top);
            if (top.get(USER) instanceof MappingNode user) {
                addUser(found, user);
            }
            addUsers(found, top.get(USERS));
        }
        return found;
    }

    private static @Nullable Node compose(String text, ReadLimits limits) {
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(limits.maxNesting());
        options.setMaxAliasesForCollections(MAX_ALIASES);
        options.setCodePointLimit(limits.maxFileBytes());
        DumperOptions unused = new DumperOptions();
        try {
            return new Yaml(new SafeConstructor(options), new Representer(unused), unused, options)
                    .compose(new StringReader(text));
        } catch (YAMLException e) {
            // Without its cause, whose message quotes the text: a cloud-config may hold passwords.
            throw new MalformedKeyException(
                    CloudConfig.FORMAT,
                    "YAML",
                    "it is no YAML, more than one document, has tags of its own, is nested deeper than "
                            + limits.maxNesting() + " levels, or has more than " + MAX_ALIASES + " aliases");
        }
    }

    private static void addUsers(List<Text> found, @Nullable Node users) {
        if (users instanceof SequenceNode list) {
            for (Node item : list.getValue()) {
                if (item instanceof MappingNode user) {
                    addUser(found, user);
                }
            }
        } else if (users instanceof MappingNode byName) {
            members(byName).forEach((name, user) -> {
                if (user instanceof MappingNode) {
                    addKeys(found, Optional.of(name), members(user));
                }
            });
        }
    }

    private static void addUser(List<Text> found, MappingNode user) {
        Map<String, Node> members = members(user);
        Node name = members.get(NAME);
        if (name == null && !hasKeys(members)) {
            return;
        }
        addKeys(found, Optional.of(text(name == null ? user : name)), members);
    }

    private static boolean hasKeys(Map<String, Node> members) {
        return members.containsKey(KEYS) || members.containsKey(KEYS_WITH_DASHES);
    }

    private static void addKeys(List<Text> found, Optional<String> user, Map<String, Node> members) {
        for (String name : List.of(KEYS, KEYS_WITH_DASHES)) {
            Node keys = members.get(name);
            if (keys instanceof SequenceNode list) {
                list.getValue().forEach(key -> add(found, user, key));
            } else if (keys instanceof MappingNode byName) {
                members(byName).values().forEach(key -> add(found, user, key));
            } else if (keys != null && !keys.getTag().equals(Tag.NULL)) {
                add(found, user, keys);
            }
        }
    }

    private static void add(List<Text> found, Optional<String> user, Node key) {
        if (found.size() >= CloudConfig.MAX_KEYS) {
            throw new LimitExceededException(
                    "keys in a cloud-config", found.size() + 1L, CloudConfig.MAX_KEYS, "this limit is fixed");
        }
        found.add(new Text(user, text(key), lineOf(key)));
    }

    private static Map<String, Node> members(Node node) {
        if (!(node instanceof MappingNode mapping)) {
            throw malformed(node, "a mapping is expected");
        }
        Map<String, Node> members = new LinkedHashMap<>();
        for (NodeTuple member : mapping.getValue()) {
            Node name = member.getKeyNode();
            if (name.getTag().equals(Tag.MERGE)) {
                throw malformed(name, "merge keys are not read: write the members out");
            }
            if (name instanceof ScalarNode scalar && members.put(scalar.getValue(), member.getValueNode()) != null) {
                throw malformed(name, "a name stands a second time");
            }
        }
        return members;
    }

    private static String text(Node node) {
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR)) {
            return scalar.getValue();
        }
        throw malformed(node, "a text is expected");
    }

    private static int lineOf(Node node) {
        return node.getStartMark() == null ? 0 : node.getStartMark().getLine() + 1;
    }

    private static MalformedKeyException malformed(Node node, String problem) {
        return new MalformedKeyException(CloudConfig.FORMAT, "line " + lineOf(node), problem);
    }

    // --- writing ---

    static String write(List<Text> texts) {
        Map<Optional<String>, List<Node>> byUser = new LinkedHashMap<>();
        for (Text text : texts) {
            byUser.computeIfAbsent(text.user(), user -> new ArrayList<>()).add(quoted(text.text()));
        }
        List<NodeTuple> top = new ArrayList<>();
        List<Node> users = new ArrayList<>();
        byUser.forEach((user, keys) -> {
            if (user.isEmpty()) {
                top.add(member(KEYS, list(keys)));
            } else {
                users.add(mapping(List.of(member(NAME, quoted(user.get())), member(KEYS, list(keys)))));
            }
        });
        if (!users.isEmpty()) {
            users.add(0, new ScalarNode(Tag.STR, DEFAULT_USER, null, null, ScalarStyle.PLAIN));
            top.add(member(USERS, list(users)));
        }
        return HEADER + "\n" + (top.isEmpty() ? "" : dump(mapping(top)));
    }

    private static String dump(Node node) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(FlowStyle.BLOCK);
        options.setLineBreak(DumperOptions.LineBreak.UNIX);
        options.setAllowUnicode(false);
        options.setSplitLines(false);
        StringWriter text = new StringWriter();
        new Yaml(options).serialize(node, text);
        return text.toString();
    }

    private static ScalarNode quoted(String text) {
        return new ScalarNode(Tag.STR, text, null, null, ScalarStyle.DOUBLE_QUOTED);
    }

    private static SequenceNode list(List<Node> items) {
        return new SequenceNode(Tag.SEQ, items, FlowStyle.BLOCK);
    }

    private static MappingNode mapping(List<NodeTuple> members) {
        return new MappingNode(Tag.MAP, members, FlowStyle.BLOCK);
    }

    private static NodeTuple member(String name, Node value) {
        return new NodeTuple(new ScalarNode(Tag.STR, name, null, null, ScalarStyle.PLAIN), value);
    }
}
