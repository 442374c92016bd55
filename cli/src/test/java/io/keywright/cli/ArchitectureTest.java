package io.keywright.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import io.keywright.SshKeyException;
import java.security.Provider;
import java.security.Security;
import java.util.List;

/** The arrows between the modules and what each may use, held here because every module is on this class path. */
@AnalyzeClasses(packages = "io.keywright", importOptions = ArchitectureTest.NoTests.class)
class ArchitectureTest {
    private static final String[] CORE = {
        "io.keywright", "io.keywright.internal", "io.keywright.authorizedkeys..", "io.keywright.transport"
    };
    private static final String FORMAT = "io.keywright.format..";
    private static final String ROTATION = "io.keywright.rotation..";
    private static final String TRANSPORT_SSHD = "io.keywright.transport.sshd..";
    private static final String TRANSPORT_SSHJ = "io.keywright.transport.sshj..";
    private static final String TESTKIT = "io.keywright.testkit..";
    private static final String CLI = "io.keywright.cli..";
    private static final String BENCHMARKS = "io.keywright.benchmarks..";

    /** Whatever folder the build writes to: ArchUnit's own option knows one of them. */
    static final class NoTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/");
        }
    }

    private static ArchRule arrow(String[] from, String... forbidden) {
        return noClasses()
                .that()
                .resideInAnyPackage(from)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden);
    }

    private static ArchRule arrow(String from, String... forbidden) {
        return arrow(new String[] {from}, forbidden);
    }

    /** A rule about classes that were not found would hold for ever. */
    @ArchTest
    static void modules_all_areLookedAt(JavaClasses classes) {
        for (String module : List.of(CORE[0], FORMAT, ROTATION, TRANSPORT_SSHD, TRANSPORT_SSHJ, TESTKIT)) {
            assertThat(classes.that(resideInAPackage(module))).as(module).isNotEmpty();
        }
    }

    @ArchTest
    static final ArchRule core_otherModules_areUnknown =
            arrow(CORE, FORMAT, ROTATION, TRANSPORT_SSHD, TRANSPORT_SSHJ, TESTKIT, CLI, BENCHMARKS);

    @ArchTest
    static final ArchRule format_allButCore_isUnknown =
            arrow(FORMAT, ROTATION, "io.keywright.transport..", TESTKIT, CLI, BENCHMARKS);

    @ArchTest
    static final ArchRule rotation_transportsAndTools_areUnknown =
            arrow(ROTATION, TRANSPORT_SSHD, TRANSPORT_SSHJ, TESTKIT, CLI, BENCHMARKS);

    @ArchTest
    static final ArchRule transportSshd_allButCore_isUnknown =
            arrow(TRANSPORT_SSHD, TRANSPORT_SSHJ, FORMAT, ROTATION, TESTKIT, CLI, BENCHMARKS);

    @ArchTest
    static final ArchRule transportSshj_allButCore_isUnknown =
            arrow(TRANSPORT_SSHJ, TRANSPORT_SSHD, FORMAT, ROTATION, TESTKIT, CLI, BENCHMARKS);

    @ArchTest
    static final ArchRule testkit_transportsAndCli_areUnknown =
            arrow(TESTKIT, TRANSPORT_SSHD, TRANSPORT_SSHJ, CLI, BENCHMARKS);

    @ArchTest
    static final ArchRule mina_outsideItsTransport_isUnknown = noClasses()
            .that()
            .resideOutsideOfPackages(TRANSPORT_SSHD, "io.keywright.cli.demo..", BENCHMARKS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.sshd..")
            .because("a transport converts at its boundary; only the demo embeds MINA's server");

    @ArchTest
    static final ArchRule sshLibraries_others_areUnknown = noClasses()
            .that()
            .resideOutsideOfPackages(TRANSPORT_SSHJ, BENCHMARKS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("net.schmizz..", "com.hierynomus..", "com.jcraft..");

    @ArchTest
    static final ArchRule i2p_outsideItsInterop_isUnknown = noClasses()
            .that()
            .resideOutsideOfPackage("io.keywright.interop.eddsa..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("net.i2p..")
            .because("its signature engine is not to be trusted; interop-eddsa converts its key objects");

    @ArchTest
    static final ArchRule commandLineLibraries_outsideCli_areUnknown = noClasses()
            .that()
            .resideOutsideOfPackage(CLI)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("picocli..", "me.tongfei..", "com.fasterxml.jackson.dataformat..");

    @ArchTest
    static final ArchRule yaml_outsideCliAndFormat_isUnknown = noClasses()
            .that()
            .resideOutsideOfPackages(CLI, FORMAT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.yaml..");

    @ArchTest
    static final ArchRule internal_ofCore_isUsedByItsFriendsOnly = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.keywright",
                    "io.keywright.internal",
                    "io.keywright.authorizedkeys..",
                    "io.keywright.transport",
                    "io.keywright.transport.internal")
            .and()
            .resideOutsideOfPackages(FORMAT, ROTATION, TESTKIT, BENCHMARKS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.keywright.internal")
            .because("module-info exports it to these, and on the class path nothing else would notice");

    private static final DescribedPredicate<JavaClass> INTERNAL = resideInAPackage("io.keywright..internal..");

    @ArchTest
    static final ArchRule internal_types_areNotReturnedByTheApi = noMethods()
            .that()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .resideOutsideOfPackage("io.keywright..internal..")
            .should()
            .haveRawReturnType(INTERNAL);

    @ArchTest
    static final ArchRule internal_types_areNotAskedForByTheApi = noMethods()
            .that()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .resideOutsideOfPackage("io.keywright..internal..")
            .should()
            .haveRawParameterTypes(DescribedPredicate.describe(
                    "with an internal type", types -> types.stream().anyMatch(INTERNAL)));

    @ArchTest
    static final ArchRule providers_areNeverRegistered = noClasses()
            .should()
            .callMethod(Security.class, "addProvider", Provider.class)
            .orShould()
            .callMethod(Security.class, "insertProviderAt", Provider.class, int.class)
            .orShould()
            .callMethod(Security.class, "removeProvider", String.class);

    @ArchTest
    static final ArchRule exceptions_ofTheLibrary_areOurs = classes()
            .that()
            .areAssignableTo(Throwable.class)
            .and()
            .arePublic()
            .and()
            .resideOutsideOfPackages("io.keywright..internal..", CLI, TESTKIT, BENCHMARKS)
            .should()
            .beAssignableTo(SshKeyException.class);

    @ArchTest
    static final ArchRule library_standardStreams_areLeftAlone = noClasses()
            .that()
            .resideOutsideOfPackages(CLI, BENCHMARKS)
            .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS);
}
