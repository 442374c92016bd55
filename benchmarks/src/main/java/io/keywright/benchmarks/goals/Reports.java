package io.keywright.benchmarks.goals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;

/** Writes outcomes: as JSON, one record a goal, and as a table for people. */
final class Reports {
    private Reports() {}

    static String json(List<Outcome> outcomes) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
            json.writeStartArray();
            for (Outcome outcome : outcomes) {
                json.writeStartObject();
                json.writeStringField("goal", outcome.goal().name());
                json.writeNumberField("ratio", rounded(outcome.ratio()));
                json.writeNumberField("error", rounded(outcome.error()));
                json.writeNumberField("target", outcome.goal().target());
                json.writeBooleanField("reached", outcome.isReached());
                if (!outcome.isReached()) {
                    json.writeStringField("why", outcome.goal().why());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        return text + "\n";
    }

    static String markdown(List<Outcome> outcomes, String machine, String command) {
        StringBuilder text = new StringBuilder(256 + 128 * outcomes.size());
        text.append("# How fast Keywright is\n\nMade by `")
                .append(command)
                .append("` on ")
                .append(machine)
                .append(
                        ". Each ratio is the peer's time divided by Keywright's, measured with JMH in one run; the error")
                .append(" is half of its 99.9 % confidence interval.\n\n")
                .append("| goal | ratio | error | target | |\n|---|---:|---:|---:|---|\n");
        for (Outcome outcome : outcomes) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f | %.2f | %s |%n",
                    outcome.goal().name(),
                    outcome.ratio(),
                    outcome.error(),
                    outcome.goal().target(),
                    outcome.isReached()
                            ? "reached"
                            : "not reached: " + outcome.goal().why()));
        }
        return text.toString();
    }

    private static double rounded(double value) {
        return Double.isFinite(value) ? Math.round(value * 1000) / 1000.0 : -1;
    }
}
