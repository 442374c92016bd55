package io.keywright;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.security.Provider;
import java.security.Security;

/** What core may depend on. The arrows between the modules are held where all modules are on the class path: in cli. */
@AnalyzeClasses(packages = "io.keywright", importOptions = CoreArchitectureTest.NoTests.class)
class CoreArchitectureTest {

    /** Whatever folder the build writes to: ArchUnit's own option knows one of them. */
    static final class NoTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/");
        }
    }

    @ArchTest
    static final ArchRule core_sshLibraries_areUnknown = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.sshd..", "net.schmizz..", "com.hierynomus..", "com.jcraft..", "net.i2p..")
            .because("each transport module brings its own");

    @ArchTest
    static final ArchRule core_fileFormats_areUnknown = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.keywright.format..",
                    "org.bouncycastle.openssl..",
                    "org.bouncycastle.util.io.pem..",
                    "org.bouncycastle.crypto.util..",
                    "org.bouncycastle.pkcs..",
                    "org.bouncycastle.cert..")
            .because("core knows the public key blob and its line; files are the business of io.keywright.format");

    @ArchTest
    static final ArchRule core_classes_dependOnFewLibraries = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.keywright",
                    "io.keywright.internal",
                    "io.keywright.authorizedkeys",
                    "io.keywright.transport",
                    "io.keywright.transport.internal",
                    "java..",
                    "javax.crypto..",
                    "org.bouncycastle..",
                    "org.slf4j",
                    "org.jspecify.annotations");

    @ArchTest
    static final ArchRule core_providers_areNeverRegistered = noClasses()
            .should()
            .callMethod(Security.class, "addProvider", Provider.class)
            .orShould()
            .callMethod(Security.class, "insertProviderAt", Provider.class, int.class)
            .orShould()
            .callMethod(Security.class, "removeProvider", String.class);

    @ArchTest
    static final ArchRule core_exceptions_areOurs = classes()
            .that()
            .areAssignableTo(Throwable.class)
            .and()
            .resideOutsideOfPackage("..internal")
            .should()
            .beAssignableTo(SshKeyException.class)
            .because("what users catch has one root");

    @ArchTest
    static final ArchRule core_secrets_areNoRecords = noClasses()
            .that()
            .haveSimpleNameContaining("Secret")
            .or()
            .haveSimpleNameContaining("Passphrase")
            .or()
            .haveSimpleNameContaining("PrivateKey")
            .should()
            .beRecords()
            .because("a record prints and compares what it holds");

    @ArchTest
    static final ArchRule core_arrays_areNotInRecords = noClasses()
            .that()
            .areRecords()
            .should(com.tngtech.archunit.lang.conditions.ArchConditions.have(
                    com.tngtech.archunit.base.DescribedPredicate.<JavaClass>describe(
                            "an array in a field",
                            type -> type.getFields().stream()
                                    .anyMatch(f -> f.getRawType().isArray()))))
            .because("a record shares its arrays and compares them by identity");

    @ArchTest
    static final ArchRule core_mutableStatics_areNone = com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields()
            .that()
            .areStatic()
            .should()
            .haveModifier(JavaModifier.FINAL);

    @ArchTest
    static final ArchRule core_authorizedKeysAndTransport_areIndependent = slices().matching(
                    "io.keywright.(authorizedkeys|transport)..")
            .should()
            .notDependOnEachOther();
}
