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
                json.writeStringField("goal", outcome.goal());
                number(json, "ratio", outcome.ratio());
                number(json, "error", outcome.error());
                number(json, "target", outcome.target());
                if (outcome.isPromised()) {
                    json.writeBooleanField("reached", outcome.isReached());
                } else {
                    json.writeNullField("reached");
                }
                if (!outcome.isReached()) {
                    json.writeStringField("why", outcome.why());
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
                        ". Each ratio is the peer's time divided by Keywright's, measured with JMH in one run. Times are medians of")
                .append(
                        " the iterations, and the error comes from intervals that hold the median in 95 of 100 cases; RSA keys take")
                .append(
                        " another time each, so theirs are averages with the 99.9 % confidence interval. The error is missing where")
                .append(" something ran once. Where a number is")
                .append(
                        " promised, it is the number divided by what was counted. Where no target stands, nothing is promised, and")
                .append(" the ratio is there for comparison. [profiles](profiles) shows where the time goes.\n\n")
                .append("| goal | ratio | error | target | |\n|---|---:|---:|---:|---|\n");
        for (Outcome outcome : outcomes) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %s | %s | %s |%n",
                    outcome.goal(),
                    outcome.ratio(),
                    shown(outcome.error()),
                    shown(outcome.target()),
                    verdict(outcome)));
        }
        return text.toString();
    }

    private static String verdict(Outcome outcome) {
        if (!outcome.isPromised()) {
            return "for comparison: " + outcome.why();
        }
        return outcome.isReached() ? "reached" : "not reached: " + outcome.why();
    }

    private static String shown(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "";
    }

    private static void number(JsonGenerator json, String name, double value) throws IOException {
        if (Double.isFinite(value)) {
            json.writeNumberField(name, Math.round(value * 1000) / 1000.0);
        } else {
            json.writeNullField(name);
        }
    }
}
