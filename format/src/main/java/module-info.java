/** Private and public key files: detected, inspected, read and written. */
module io.keywright.format {
    requires transitive io.keywright;
    requires static transitive org.jspecify;
    requires com.fasterxml.jackson.core;
    requires org.bouncycastle.provider;
    requires org.yaml.snakeyaml;

    exports io.keywright.format;
}
