package io.keywright.benchmarks.goals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures that the README shows, taken from {@code results.json}, so that the two cannot differ. */
final class Figures {
    static final String BEGIN = "<!-- figures: ./bench writes this table -->\n";
    static final String END = "<!-- end of figures -->\n";

    /**
     * A line of the table.
     *
     * @param what what is compared, with a place for the ratio
     * @param goal the goal whose ratio it is
     * @param command what measures it
     */
    private record Figure(String what, String goal, String command) {}

    private static final List<Figure> FIGURES = List.of(
            new Figure(
                    "Generating an Ed25519 key: %s as fast as the JDK",
                    "ed25519 generate, keywright to jdk", "./bench KeyCrypto.*generate -p algorithm=ed25519"),
            new Figure(
                    "Opening an encrypted key file: %s as fast as `ssh-keygen`",
                    "read ed25519-encrypted, keywright to SSH_KEYGEN", "./bench KeyFile -p content=ed25519-encrypted"),
            new Figure(
                    "Listing an `authorized_keys` file with fingerprints: %s as fast as `ssh-keygen -lf`",
                    "list 10000 lines, keywright to ssh-keygen",
                    "./bench Benchmark.fingerprints sshKeygen -p lines=10000"),
            new Figure(
                    "Logging in: %s as fast as Apache MINA SSHD with its own settings",
                    "log-in, keywright-sshd to MINA as it comes", "./bench LogIn"),
            new Figure(
                    "Rotating a key on 1,000 servers: %s of the speed at which the connections that it needs open and close",
                    "rotate 1000 servers, to as many bare log-ins as it needs",
                    "./bench EmbeddedFleet -p devices=1000"));

    private Figures() {}

    /** Puts the figures of a results.json in the place of those that a text has. */
    static String replacedIn(String text, String results) throws IOException {
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("the text has no place for figures");
        }
        return text.substring(0, begin + BEGIN.length()) + table(results) + text.substring(end);
    }

    private static String table(String results) throws IOException {
        Map<String, Double> ratios = ratios(results);
        StringBuilder table = new StringBuilder("| | measured by |\n|---|---|\n");
        for (Figure figure : FIGURES) {
            Double ratio = ratios.get(figure.goal());
            String shown = ratio == null ? "not measured:" : "**" + readable(ratio) + "**";
            table.append("| ")
                    .append(String.format(Locale.ROOT, figure.what(), shown))
                    .append(" | `")
                    .append(figure.command())
                    .append("` |\n");
        }
        return table.toString();
    }

    /** Two digits, which is what another run says as well. */
    private static String readable(double ratio) {
        if (ratio < 1) {
            return Math.round(ratio * 100) + " %";
        }
        return (ratio < 10 ? String.format(Locale.ROOT, "%.1f", ratio) : Long.toString(Math.round(ratio))) + " times";
    }

    /** The ratios by goal; without those that could not be measured. */
    static Map<String, Double> ratios(String results) throws IOException {
        Map<String, Double> ratios = new HashMap<>();
        try (JsonParser json = new JsonFactory().createParser(results)) {
            String goal = "";
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.VALUE_STRING && "goal".equals(json.currentName())) {
                    goal = json.getText();
                } else if (token.isNumeric() && "ratio".equals(json.currentName())) {
                    ratios.put(goal, json.getDoubleValue());
                }
            }
        }
        return ratios;
    }
}
