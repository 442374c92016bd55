/** Rotation of keys across a fleet: credential store, journal, remote authorized_keys, engine and reports. */
module io.keywright.rotation {
    requires transitive io.keywright;
    requires static transitive org.jspecify;
    requires io.keywright.format;
    requires com.fasterxml.jackson.core;
    requires org.bouncycastle.provider;
    requires org.slf4j;

    exports io.keywright.rotation;
    exports io.keywright.rotation.audit;
}
