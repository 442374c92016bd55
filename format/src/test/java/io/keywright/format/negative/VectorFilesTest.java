package io.keywright.format.negative;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The committed files are what their seeds give. With {@code -Dkeywright.writeVectors=true} they are written first. */
class VectorFilesTest {
    @Test
    void files_areWhatTheGeneratorMakes() throws IOException {
        Map<String, NegativeVector> made = everything();
        if (Boolean.getBoolean("keywright.writeVectors")) {
            for (String old : NegativeVector.names()) {
                NegativeVector.delete(old);
            }
            for (NegativeVector vector : made.values()) {
                vector.write();
            }
        }
        assertThat(NegativeVector.names()).containsExactlyElementsOf(made.keySet());
        made.forEach(
                (name, vector) -> assertThat(NegativeVector.read(name)).as(name).isEqualTo(vector));
    }

    private static Map<String, NegativeVector> everything() {
        Map<String, NegativeVector> made = new TreeMap<>();
        Stream.of(
                        OpensshVectors.all(),
                        OpensshNumberVectors.all(),
                        PpkVectors.all(),
                        PpkVersion1Vectors.all(),
                        Asn1Vectors.all(),
                        Pkcs8Vectors.all(),
                        Pbes1Vectors.all(),
                        Pbes2Vectors.all(),
                        PublicVectors.all(),
                        TextVectors.all(),
                        PemVectors.all(),
                        SshComVectors.all(),
                        JwkVectors.all(),
                        CloudConfigVectors.all(),
                        SshfpVectors.all())
                .flatMap(List::stream)
                .forEach(vector -> {
                    assertThat(made.put(vector.name(), vector))
                            .as(vector.name())
                            .isNull();
                    assertThat(vector.headers().values())
                            .as(vector.name())
                            .allMatch(StandardCharsets.US_ASCII.newEncoder()::canEncode)
                            .noneMatch(value -> value.contains("\n"));
                });
        return made;
    }
}
