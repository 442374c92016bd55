package io.keywright.format.negative;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A file that must be refused, with how, as it stands under {@code negative/}:
 *
 * <pre>
 *   expect: simple name of the exception
 *   message: what its message contains
 *   NAME: what the exception's accessor of that name gives; several, see {@link #DETAILS}
 *   operation: read | readPublic | inspect | cloudConfig | sshfp
 *   passphrase: the one to read with; left out for none
 *   why: what is wrong, one thing
 *   compressed: gzip         where the key text is large
 *
 *   the key text, byte for byte to the file's end
 * </pre>
 *
 * @param name the file's path below {@code negative/}, without its ending
 * @param headers in the order above
 * @param body the key text, uncompressed
 */
record NegativeVector(String name, Map<String, String> headers, String body) {
    /** Accessors of our exceptions that a vector may name. */
    static final Set<String> DETAILS =
            Set.of("format", "where", "algorithm", "limit", "actual", "public-key", "maybe-corrupted");

    private static final String ENDING = ".txt";
    private static final String COMPRESSED = "compressed";
    private static final int COMPRESS_FROM_CHARS = 64 * 1024;

    /** Where the vectors stand in the source tree. */
    static Path folder() {
        return Path.of(System.getProperty("keywright.root", ".."), "format/src/test/resources/io/keywright/format")
                .resolve("negative");
    }

    /** Names all vectors, in order; one at a time is read, for all of them take more memory than their test has. */
    static List<String> names() {
        try (Stream<Path> files = Files.walk(folder())) {
            return files.map(file -> folder().relativize(file).toString().replace('\\', '/'))
                    .filter(file -> file.endsWith(ENDING))
                    .map(file -> file.substring(0, file.length() - ENDING.length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static NegativeVector read(String name) {
        try {
            return parse(name, Files.readAllBytes(folder().resolve(name + ENDING)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The key text as bytes: a string stands for bytes here, one char each. */
    byte[] bytes() {
        return body.getBytes(StandardCharsets.ISO_8859_1);
    }

    String header(String header) {
        return headers.getOrDefault(header, "");
    }

    void write() throws IOException {
        Path file = folder().resolve(name + ENDING);
        Files.createDirectories(file.getParent());
        Files.write(file, encode());
    }

    static void delete(String name) throws IOException {
        Files.delete(folder().resolve(name + ENDING));
    }

    private byte[] encode() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean compressed = body.length() >= COMPRESS_FROM_CHARS;
        for (Map.Entry<String, String> header : headers.entrySet()) {
            out.writeBytes((header.getKey() + ": " + header.getValue() + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        if (compressed) {
            out.writeBytes((COMPRESSED + ": gzip\n").getBytes(StandardCharsets.US_ASCII));
        }
        out.write('\n');
        if (compressed) {
            try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(bytes());
            }
        } else {
            out.writeBytes(bytes());
        }
        return out.toByteArray();
    }

    private static NegativeVector parse(String name, byte[] file) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        int at = 0;
        while (file[at] != '\n') {
            int end = at;
            while (file[end] != '\n') {
                end++;
            }
            String line = new String(file, at, end - at, StandardCharsets.US_ASCII);
            int colon = line.indexOf(": ");
            headers.put(line.substring(0, colon), line.substring(colon + 2));
            at = end + 1;
        }
        byte[] rest = Arrays.copyOfRange(file, at + 1, file.length);
        if (headers.remove(COMPRESSED) != null) {
            try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(rest))) {
                rest = gzip.readAllBytes();
            }
        }
        return new NegativeVector(name, headers, new String(rest, StandardCharsets.ISO_8859_1));
    }
}
