package io.keywright.authorizedkeys;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshPublicKey;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Parse, edit anything, and every byte that the edit does not name is unchanged: 100,000 generated files, up to three edits
 * on each. What must come out is worked out here from the bytes that went in.
 */
@Tag("once")
class EditAnythingTest {
    private static final int FILES = 100_000;
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2030-01-01T00:00:00Z"), ZoneOffset.UTC);
    private static final List<Needle> NEEDLES =
            FileGenerator.KEYS.stream().map(Needle::new).toList();
    private static final List<KeyOption> OPTIONS = List.of(
            KeyOption.flag("restrict"),
            KeyOption.flag("no-pty"),
            KeyOption.flag("pty"),
            KeyOption.of("command", "say \"hi\", then"),
            KeyOption.of("from", "10.0.0.0/8"),
            KeyOption.environment("A", "2"),
            KeyOption.of("permitopen", "host:80"),
            KeyOption.expiryTime(Instant.parse("2031-01-01T00:00:00Z")));

    /** One edit of a file, and what it says of the bytes before and after. */
    private interface Edit {
        AuthorizedKeys apply(AuthorizedKeys file);

        void check(AuthorizedKeys before, AuthorizedKeys after);
    }

    @Test
    void edits_anyFile_leaveEveryOtherByte() {
        long seed = Keys.seed();
        int changed = 0;
        for (int i = 0; i < FILES; i++) {
            Random random = new Random(seed + i);
            FileGenerator generator = new FileGenerator(random, FileGenerator.KEYS);
            byte[] bytes = Keys.bytes(generator.file());
            try {
                AuthorizedKeys file = AuthorizedKeys.parse(bytes).withClock(CLOCK);
                require(Arrays.equals(file.toBytes(), bytes), "a file that nobody edits comes back");
                for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
                    AuthorizedKeys next = edited(file, edit(file, random, generator), random.nextBoolean());
                    changed += next.equals(file) ? 0 : 1;
                    file = next;
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + (seed + i) + " of -Dkeywright.seed=" + seed, e);
            }
        }
        // Most edits have to find something to do.
        assertThat(changed).isGreaterThan(3 * FILES / 4);
    }

    private static AuthorizedKeys edited(AuthorizedKeys file, Edit edit, boolean forced) {
        byte[] bytes = file.toBytes();
        AuthorizedKeys next;
        try {
            next = edit.apply(forced ? file.withForce() : file);
        } catch (EditRefusedException refused) {
            next = file;
        }
        require(Arrays.equals(file.toBytes(), bytes), "the file that was edited is as it was");
        byte[] after = next.toBytes();
        require(Arrays.equals(AuthorizedKeys.parse(after).toBytes(), after), "what was made parses to itself");
        if (Arrays.equals(after, bytes)) {
            return file;
        }
        edit.check(file, AuthorizedKeys.parse(after));
        return next;
    }

    private static Edit edit(AuthorizedKeys file, Random random, FileGenerator generator) {
        SshPublicKey key = someKeyOf(file, random);
        SshPublicKey other = generator.key().withComment("new key");
        boolean comment = random.nextBoolean();
        KeyOption option = OPTIONS.get(random.nextInt(OPTIONS.size()));
        return switch (random.nextInt(6)) {
            case 0 -> add(other, comment ? KeyOptions.NONE : KeyOptions.parse(generator.options()));
            case 1 -> addLike(key, other, comment ? CarryOver.OPTIONS.withComment() : CarryOver.OPTIONS);
            case 2 -> replace(key, other, comment);
            case 3 -> remove(key);
            case 4 -> setOption(key, option);
            default -> clearOption(key, option.name());
        };
    }

    /** A key of the file, if the line that chance points at has one, or any. */
    private static SshPublicKey someKeyOf(AuthorizedKeys file, Random random) {
        List<Line> lines = file.lines();
        Line line = lines.isEmpty() ? null : lines.get(random.nextInt(lines.size()));
        for (int i = 0; i < NEEDLES.size(); i++) {
            if (line instanceof Entry entry && NEEDLES.get(i).isIn(entry)) {
                return FileGenerator.KEYS.get(i);
            }
        }
        return FileGenerator.KEYS.get(random.nextInt(FileGenerator.KEYS.size()));
    }

    private static Edit add(SshPublicKey key, KeyOptions options) {
        return edit(file -> file.add(key, options), (before, after) -> {
            String added = (options.isEmpty() ? "" : latin1(options.toBytes()) + " ") + key.toLine();
            String text = Keys.text(before);
            require(Keys.text(after).startsWith(text), "the file is a prefix");
            String tail = Keys.text(after).substring(text.length());
            int start = text.isEmpty() || text.endsWith("\n") ? 0 : tail.indexOf('\n') + 1;
            require(start == 0 || isEnded("", tail.substring(0, start)), "the last line gets a line end and no more");
            require(isEnded(added, tail.substring(start)), "one line follows");
        });
    }

    private static Edit addLike(SshPublicKey key, SshPublicKey other, CarryOver carryOver) {
        return edit(file -> file.addLike(key, other, carryOver), (before, after) -> {
            List<String> rest = texts(before);
            boolean afterOld = false;
            for (Line line : after.lines()) {
                String next = rest.isEmpty() ? "" : rest.get(0);
                boolean old = text(line).equals(next);
                if (old || (rest.size() == 1 && isEnded(next, text(line)))) {
                    rest = rest.subList(1, rest.size());
                } else {
                    require(
                            afterOld && ownLine(other).test(line),
                            "only lines of the new key come in, after an old one's");
                }
                afterOld =
                        ownLine(key).test(line) || (afterOld && ownLine(other).test(line));
            }
            require(rest.isEmpty(), "no line is missing");
        });
    }

    private static Edit replace(SshPublicKey key, SshPublicKey other, boolean comment) {
        CarryOver carryOver = comment ? CarryOver.OPTIONS.withComment() : CarryOver.OPTIONS;
        return edit(file -> file.replace(key, other, carryOver), (before, after) -> {
            StringBuilder expected = new StringBuilder();
            for (Line line : before.lines()) {
                if (!ownLine(key).test(line)) {
                    expected.append(text(line));
                } else if (before.find(other).stream()
                        .noneMatch(there ->
                                !there.isCertAuthority() && there.options().meansTheSameAs(((Entry) line).options()))) {
                    LineLayout layout = line.layout;
                    String[] newKey = Keys.bare(other).split(" ", 2);
                    expected.append(part(line, line.from, layout.typeStart))
                            .append(newKey[0])
                            .append(part(line, layout.typeEnd, layout.blobStart))
                            .append(newKey[1])
                            .append(comment ? part(line, layout.blobEnd, layout.textEnd) : " " + other.comment())
                            .append(part(line, layout.textEnd, line.to));
                }
            }
            require(Keys.text(after).contentEquals(expected), "nothing but the key and its comment is new");
        });
    }

    private static Edit remove(SshPublicKey key) {
        return edit(file -> file.remove(key), (before, after) -> {
            List<String> kept =
                    texts(before.lines().stream().filter(ownLine(key).negate()).toList());
            require(Keys.text(after).equals(String.join("", kept)), "all other lines are kept");
        });
    }

    private static Edit setOption(SshPublicKey key, KeyOption option) {
        return edit(file -> file.setOption(key, option), (before, after) -> {
            Predicate<KeyOption> concerned = option.name().equals("environment")
                    ? each -> each.name().equals("environment")
                            && each.valueText().split("=", -1)[0].equals("A")
                    : option.name().equals("permitopen") ? option::equals : each -> each.concerns(option.name());
            checkOptions(before, after, key, concerned, List.of(option));
        });
    }

    private static Edit clearOption(SshPublicKey key, String name) {
        return edit(
                file -> file.clearOption(key, name),
                (before, after) ->
                        checkOptions(before, after, key, each -> each.name().equals(name), List.of()));
    }

    private static void checkOptions(
            AuthorizedKeys before,
            AuthorizedKeys after,
            SshPublicKey key,
            Predicate<KeyOption> concerned,
            List<KeyOption> set) {
        require(before.lines().size() == after.lines().size(), "as many lines as before");
        for (Line old : before.lines()) {
            Line made = after.lines().get(old.number() - 1);
            if (!ownLine(key).test(old)) {
                require(text(old).equals(text(made)), "other lines are as they were");
                continue;
            }
            Entry oldEntry = (Entry) old;
            Entry newEntry = (Entry) made;
            require(
                    part(old, old.layout.typeStart, old.to).equals(part(made, made.layout.typeStart, made.to)),
                    "key, comment and line end are as they were");
            require(indent(oldEntry).equals(indent(newEntry)), "what stands in front is as it was");
            boolean had = old.layout.optionsEnd > old.layout.optionsStart;
            require(
                    !had
                            || newEntry.options().toBytes().length == 0
                            || gap(oldEntry).equals(gap(newEntry)),
                    "the blanks between options and key are as they were");
            require(
                    raw(oldEntry, concerned.negate()).equals(raw(newEntry, concerned.negate())),
                    "other options are as they were, in their order");
            require(
                    newEntry.options().list().stream()
                                    .filter(concerned)
                                    .toList()
                                    .equals(set)
                            || text(old).equals(text(made)),
                    "the option is as it was asked for");
        }
    }

    private static String indent(Entry line) {
        boolean had = line.layout.optionsEnd > line.layout.optionsStart;
        return part(line, line.from, had ? line.layout.optionsStart : line.layout.typeStart);
    }

    private static String gap(Entry line) {
        return part(line, line.layout.optionsEnd, line.layout.typeStart);
    }

    private static List<String> raw(Entry line, Predicate<KeyOption> wanted) {
        return line.options().list().stream()
                .filter(wanted)
                .map(option -> latin1(option.toBytes()))
                .toList();
    }

    private static Edit edit(
            java.util.function.UnaryOperator<AuthorizedKeys> apply,
            java.util.function.BiConsumer<AuthorizedKeys, AuthorizedKeys> check) {
        return new Edit() {
            @Override
            public AuthorizedKeys apply(AuthorizedKeys file) {
                return apply.apply(file);
            }

            @Override
            public void check(AuthorizedKeys before, AuthorizedKeys after) {
                check.accept(before, after);
            }
        };
    }

    /** Tells whether a line end was put where there was none. */
    private static boolean isEnded(String text, String ended) {
        return !text.endsWith("\n") && (ended.equals(text + "\n") || ended.equals(text + "\r\n"));
    }

    private static Predicate<Line> ownLine(SshPublicKey key) {
        Needle needle = new Needle(key);
        return line -> line instanceof Entry entry && needle.isIn(entry) && !entry.isCertAuthority();
    }

    private static List<String> texts(AuthorizedKeys file) {
        return texts(file.lines());
    }

    private static List<String> texts(List<Line> lines) {
        List<String> texts = new ArrayList<>();
        for (Line line : lines) {
            texts.add(text(line));
        }
        return texts;
    }

    private static String text(Line line) {
        return part(line, line.from, line.to);
    }

    private static String part(Line line, int from, int to) {
        return new String(line.data, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Not AssertJ: a hundred thousand files have some two million such facts. */
    private static void require(boolean fact, String what) {
        if (!fact) {
            throw new AssertionError("not so: " + what);
        }
    }
}
