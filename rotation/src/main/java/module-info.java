/** Rotation of keys across a fleet: credential store, journal, remote authorized_keys, engine, audit and schedule. */
// "requires-automatic": Micrometer has no module descriptor, only an automatic name
@SuppressWarnings("requires-automatic")
module io.keywright.rotation {
    requires transitive io.keywright;
    requires static transitive org.jspecify;
    requires io.keywright.format;
    requires com.fasterxml.jackson.core;
    requires org.bouncycastle.provider;
    requires org.slf4j;
    // only for who binds its meters
    requires static micrometer.core;

    exports io.keywright.rotation;
    exports io.keywright.rotation.audit;
    exports io.keywright.rotation.metrics;
    exports io.keywright.rotation.schedule;
}
