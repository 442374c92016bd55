/** An in-memory fleet of SSH servers, fault injection and transport contract tests: for us and for users' own tests. */
module io.keywright.testkit {
    requires transitive io.keywright;
    requires io.keywright.format;
    requires org.bouncycastle.provider;
    requires transitive io.keywright.rotation;
    requires static transitive org.jspecify;
    // only for the contract tests, which run where these are
    requires static org.assertj.core;
    requires static transitive org.junit.jupiter.api;
    requires static org.junit.jupiter.params;

    exports io.keywright.testkit.fleet;
    exports io.keywright.testkit.rotation;
    exports io.keywright.testkit.server;
    exports io.keywright.testkit.simulation;
    exports io.keywright.testkit.transport;
}
