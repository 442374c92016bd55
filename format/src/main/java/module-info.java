/** Private and public key files: detected, inspected, read and written. */
module io.keywright.format {
    requires transitive io.keywright;
    requires static transitive org.jspecify;
    requires com.fasterxml.jackson.core;
    requires org.bouncycastle.provider;

    exports io.keywright.format;
}
