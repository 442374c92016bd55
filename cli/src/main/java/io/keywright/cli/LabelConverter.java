package io.keywright.cli;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads one of a closed choice by its name on the command line. */
class LabelConverter<T> implements ITypeConverter<T> {
    private final List<T> choice;
    private final Function<T, String> label;

    LabelConverter(T[] choice, Function<T, String> label) {
        this.choice = List.of(choice);
        this.label = label;
    }

    @Override
    public final T convert(String text) {
        return choice.stream()
                .filter(one -> label.apply(one).equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is none of "
                        + String.join(", ", choice.stream().map(label).toList())));
    }
}
