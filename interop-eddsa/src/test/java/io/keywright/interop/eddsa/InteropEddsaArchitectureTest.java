package io.keywright.interop.eddsa;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.security.Provider;
import java.security.Signature;

/** Key objects in and out, and nothing else: that nobody else uses the library is held in cli. */
@AnalyzeClasses(packages = "io.keywright.interop", importOptions = InteropEddsaArchitectureTest.NoTests.class)
class InteropEddsaArchitectureTest {

    /** Whatever folder the build writes to: ArchUnit's own option knows one of them. */
    static final class NoTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/");
        }
    }

    @ArchTest
    static final ArchRule interop_classes_useKeyObjectsOnly = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.keywright",
                    "io.keywright.interop.eddsa",
                    "java.lang",
                    "java.util",
                    "java.security",
                    "net.i2p.crypto.eddsa",
                    "net.i2p.crypto.eddsa.spec",
                    "org.jspecify.annotations");

    @ArchTest
    static final ArchRule interop_engineAndProvider_areNotUsed = noClasses()
            .should()
            .dependOnClassesThat()
            .haveNameMatching(
                    "net\\.i2p\\.crypto\\.eddsa\\.(EdDSAEngine|EdDSASecurityProvider|KeyFactory|KeyPairGenerator).*")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Signature.class, Provider.class)
            .because("its engine accepts signatures that others changed (CVE-2020-36843)");
}
