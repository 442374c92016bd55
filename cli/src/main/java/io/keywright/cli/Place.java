package io.keywright.cli;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An account on a server, as people write it: {@code [USER@]HOST[:PORT]}, an IPv6 address in brackets.
 *
 * @param user the user, or empty for the one who runs the command
 * @param host host name or address literal, without brackets
 * @param port TCP port, or empty for the default one
 */
record Place(Optional<String> user, String host, Optional<Integer> port) {
    private static final Pattern FORM = Pattern.compile(
            "(?:(?<user>.+)@)?(?:\\[(?<literal>[^\\]]+)\\]|(?<host>[^:@\\[\\]]+))(?::(?<port>[0-9]{1,5}))?");

    /** Reads a place from the command line. */
    static final class Converter implements ITypeConverter<Place> {
        @Override
        public Place convert(String text) {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                throw new TypeConversionException("'" + text + "' is not [USER@]HOST[:PORT]");
            }
            Optional<Integer> port = Optional.ofNullable(form.group("port")).map(Integer::valueOf);
            if (port.isPresent() && (port.get() < 1 || port.get() > 65535)) {
                throw new TypeConversionException("the port in '" + text + "' is not within 1..65535");
            }
            String literal = form.group("literal");
            return new Place(
                    Optional.ofNullable(form.group("user")), literal == null ? form.group("host") : literal, port);
        }
    }

    /** Reads a place without a user, whose port must be given. */
    static final class WithPort implements ITypeConverter<Place> {
        @Override
        public Place convert(String text) {
            Place place = new Converter().convert(text);
            if (place.user().isPresent() || place.port().isEmpty()) {
                throw new TypeConversionException("'" + text + "' is not HOST:PORT");
            }
            return place;
        }
    }
}
