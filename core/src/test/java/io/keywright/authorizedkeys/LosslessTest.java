package io.keywright.authorizedkeys;

import static io.keywright.authorizedkeys.Keys.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.EditRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * What holds for every file, found out on some thousand generated ones: more than that edits leave the rest alone, which {@link
 * EditAnythingTest} holds.
 */
class LosslessTest {
    private static final int FILES = 5_000;
    private static final int EDITED_FILES = 3_000;
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2030-01-01T00:00:00Z"), ZoneOffset.UTC);

    private interface Property {
        void check(AuthorizedKeys file, FileGenerator generator, String label);
    }

    private static void forEachFile(int files, Property property) {
        long seed = Keys.seed();
        for (int i = 0; i < files; i++) {
            FileGenerator generator = new FileGenerator(seed + i);
            String text = generator.file();
            AuthorizedKeys file = Keys.file(text).withClock(CLOCK);
            String label = "seed " + (seed + i) + ", -Dkeywright.seed=" + seed;
            assertThat(file.toBytes()).as(label).isEqualTo(bytes(text));
            property.check(file, generator, label);
        }
    }

    /** The lines' bytes, as text: one string a line, its end included. */
    private static List<String> lines(AuthorizedKeys file, Predicate<Line> wanted) {
        return file.lines().stream().filter(wanted).map(LosslessTest::text).toList();
    }

    private static String text(Line line) {
        return new String(line.toBytes(), StandardCharsets.ISO_8859_1);
    }

    private static Predicate<Line> ownLineOf(SshPublicKey key) {
        return line -> line instanceof Entry entry && entry.holds(key) && !entry.isCertAuthority();
    }

    private static Optional<AuthorizedKeys> tried(UnaryOperator<AuthorizedKeys> edit, AuthorizedKeys file) {
        try {
            return Optional.of(edit.apply(file));
        } catch (EditRefusedException refused) {
            assertThat(refused.reason()).isNotEqualTo(Reason.SESSION_KEY);
            return Optional.empty();
        }
    }

    @Test
    void parse_anyFile_givesItsBytesBack() {
        forEachFile(FILES, (file, generator, label) -> {
            assertThat(String.join("", lines(file, line -> true))).as(label).isEqualTo(Keys.text(file));
            for (Line line : file.lines()) {
                assertThat(line.text()).as(label).doesNotContain("\n");
                assertThat(line.toString()).as(label).startsWith("line " + line.number());
                if (line instanceof Entry entry) {
                    assertThat(entry.options().problem().isPresent())
                            .as(label)
                            .isEqualTo(entry.permissions().isEmpty());
                    assertThat(entry.usabilityAt(CLOCK.instant()).detail())
                            .as(label)
                            .isNotBlank();
                    assertThat(file.find(entry.fingerprint())).as(label).contains(entry);
                }
            }
            assertThat(file.diff(file)).as(label).isEmpty();
        });
    }

    @Test
    void add_anyFile_keepsItAsPrefix() {
        forEachFile(EDITED_FILES, (file, generator, label) -> {
            SshPublicKey key = generator.key();
            KeyOptions options = generator.coin() ? KeyOptions.NONE : KeyOptions.parse(generator.options());
            Optional<AuthorizedKeys> added = tried(f -> f.withForce().add(key, options), file);
            assertThat(added.isEmpty()).as(label).isEqualTo(options.problem().isPresent());
            added.ifPresent(next -> {
                assertThat(Keys.text(next)).as(label).startsWith(Keys.text(file));
                assertThat(next.find(key)).as(label).anyMatch(e -> e.options().meansTheSameAs(options));
                assertThat(next.lines().size())
                        .as(label)
                        .isBetween(file.lines().size(), file.lines().size() + 1);
                assertThat(next.add(key, options)).as(label).isSameAs(next);
            });
        });
    }

    @Test
    void addLike_anyFile_insertsAndTouchesNothing() {
        forEachFile(EDITED_FILES, (file, generator, label) -> {
            SshPublicKey oldKey = generator.key();
            SshPublicKey newKey = generator.key();
            tried(f -> f.withForce().addLike(oldKey, newKey), file).ifPresent(next -> {
                List<String> rest = new ArrayList<>(lines(next, line -> true));
                for (String line : lines(file, line -> true)) {
                    int found = rest.indexOf(line);
                    if (found < 0) {
                        // The last line got the end that it had not.
                        found = rest.indexOf(line.replaceAll("\r\\z", "") + "\r\n") >= 0
                                ? rest.indexOf(line.replaceAll("\r\\z", "") + "\r\n")
                                : rest.indexOf(line + "\n");
                    }
                    assertThat(found).as(label).isNotNegative();
                    assertThat(rest.subList(0, found))
                            .as(label)
                            .allMatch(added -> ownLineOf(newKey)
                                    .test(Keys.file(added).lines().get(0)));
                    rest = rest.subList(found + 1, rest.size());
                }
                assertThat(next.withForce().addLike(oldKey, newKey)).as(label).isEqualTo(next);
            });
        });
    }

    @Test
    void replace_anyFile_leavesOtherLinesAndOptions() {
        forEachFile(EDITED_FILES, (file, generator, label) -> {
            SshPublicKey oldKey = generator.key();
            SshPublicKey newKey = generator.key().withComment("new");
            if (oldKey.equals(newKey)) {
                return;
            }
            tried(f -> f.withForce().replace(oldKey, newKey), file).ifPresent(next -> {
                Predicate<Line> concerned = ownLineOf(oldKey).or(ownLineOf(newKey));
                assertThat(next.contains(oldKey)).as(label).isFalse();
                assertThat(lines(next, concerned.negate())).as(label).isEqualTo(lines(file, concerned.negate()));
                for (Line line : file.lines()) {
                    if (ownLineOf(oldKey).test(line)) {
                        KeyOptions options = ((Entry) line).options();
                        assertThat(next.find(newKey))
                                .as(label)
                                .anyMatch(e -> e.options().meansTheSameAs(options));
                    }
                }
                assertThat(next.replace(oldKey, newKey)).as(label).isSameAs(next);
            });
        });
    }

    @Test
    void setAndClearOption_anyFile_restoresTheBytes() {
        KeyOption option = KeyOption.of("tunnel", "77");
        forEachFile(EDITED_FILES, (file, generator, label) -> {
            SshPublicKey key = generator.key();
            tried(f -> f.withForce().setOption(key, option), file).ifPresent(next -> {
                Predicate<Line> own = ownLineOf(key);
                assertThat(lines(next, own.negate())).as(label).isEqualTo(lines(file, own.negate()));
                // Options that are nothing but commas go with the last real one.
                boolean restorable = file.find(key).stream()
                        .map(Entry::options)
                        .allMatch(o -> o.find("tunnel").isEmpty() && (!o.isEmpty() || o.toBytes().length == 0));
                if (restorable) {
                    assertThat(next.withForce().clearOption(key, "tunnel"))
                            .as(label)
                            .isEqualTo(file);
                }
            });
        });
    }

    @Test
    void diff_anyTwoFiles_namesEachChangedLine() {
        forEachFile(EDITED_FILES, (file, generator, label) -> {
            AuthorizedKeys other = Keys.file(generator.file());
            String diff = file.diff(other);
            assertThat(diff.isEmpty()).as(label).isEqualTo(file.equals(other));
            long removed = diff.lines().filter(line -> line.startsWith("-")).count();
            long added = diff.lines().filter(line -> line.startsWith("+")).count();
            assertThat(file.lines().size() - removed)
                    .as(label)
                    .isEqualTo(other.lines().size() - added);
            assertThat(diff).as(label).doesNotContain("\r", "\u001b");
        });
    }

    @RepeatedTest(20)
    void parse_pureNoise_throwsNothingButOurs() {
        long seed = Keys.seed();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] noise = new byte[random.nextInt(500)];
            random.nextBytes(noise);
            AuthorizedKeys file = AuthorizedKeys.parse(noise);
            assertThat(file.toBytes()).as("seed " + seed).isEqualTo(noise);
            for (Entry entry : file.entries()) {
                try {
                    entry.key();
                } catch (SshKeyException expected) {
                    assertThat(entry.usabilityAt(CLOCK.instant()).mayBeUsable())
                            .as("seed " + seed)
                            .isFalse();
                }
            }
            assertThat(file.add(Keys.ALICE).contains(Keys.ALICE))
                    .as("seed " + seed)
                    .isTrue();
        }
    }
}
