package io.keywright.rotation;

import io.keywright.transport.ExecResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code edit.sh} said: lines of a word and its value, then maybe a file's content.
 *
 * <pre>
 * answer: (word [" " value] LF)* ["content" LF byte*]
 * </pre>
 */
final class ShellAnswer {
    private static final String CONTENT = "content";

    private final boolean succeeded;
    private final List<String> lines;
    private final byte[] content;
    private final String complaint;

    private ShellAnswer(boolean succeeded, List<String> lines, byte[] content, String complaint) {
        this.succeeded = succeeded;
        this.lines = lines;
        this.content = content;
        this.complaint = complaint;
    }

    static ShellAnswer parse(ExecResult result, String complaint) {
        byte[] stdout = result.stdout();
        List<String> lines = new ArrayList<>();
        int start = 0;
        int end = 0;
        while (end < stdout.length) {
            if (stdout[end++] == '\n') {
                String line = new String(stdout, start, end - 1 - start, StandardCharsets.UTF_8);
                start = end;
                if (line.equals(CONTENT)) {
                    break;
                }
                lines.add(line);
            }
        }
        byte[] content = new byte[stdout.length - start];
        System.arraycopy(stdout, start, content, 0, content.length);
        return new ShellAnswer(result.succeeded(), lines, content, complaint);
    }

    /** The script's verdict; empty when it came to none, or when there was no script at work. */
    String state() {
        List<String> states = all("state");
        return !succeeded || states.isEmpty() ? "" : states.get(states.size() - 1);
    }

    Optional<String> value(String word) {
        return all(word).stream().findFirst();
    }

    String require(String word) {
        return value(word).orElseThrow(() -> senseless("no " + word));
    }

    /** The words of a value, which are so many. */
    List<String> words(String word, int count) {
        return split(require(word), count);
    }

    /** Splits a value into so many words, the last of which may have blanks. */
    static List<String> split(String value, int count) {
        List<String> words = List.of(value.split(" ", count));
        if (words.size() != count) {
            throw senseless(words.size() + " words in place of " + count);
        }
        return words;
    }

    static int number(String value) {
        try {
            return Integer.parseUnsignedInt(value);
        } catch (NumberFormatException e) {
            throw senseless("something that is no number");
        }
    }

    /** Whatever answers is not our script. */
    static RemoteFileException senseless(String what) {
        return new RemoteFileException(
                RemoteFileException.Reason.SCRIPT_FAILED, "the server's shell", "it answered with " + what, null);
    }

    List<String> all(String word) {
        return lines.stream()
                .filter(line -> line.startsWith(word + " "))
                .map(line -> line.substring(word.length() + 1))
                .toList();
    }

    byte[] content() {
        return content.clone();
    }

    /** What the server's tools complained about last; may be empty. */
    String complaint() {
        return complaint;
    }
}
