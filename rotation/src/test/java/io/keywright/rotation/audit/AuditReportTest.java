package io.keywright.rotation.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.KeyVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What an audit looks like, to the last character: programs read it. */
class AuditReportTest {
    private static final Instant AT = Instant.parse("2026-03-01T10:00:00Z");
    private static final AuditedKey OURS = new AuditedKey(
            "/home/deploy/.ssh/authorized_keys",
            3,
            "ssh-ed25519",
            256,
            "SHA256:ours",
            "deploy@prod",
            Optional.of(new AuditedKey.Owner(
                    "deploy", 2, KeyVersion.Label.ROLLED_BACK, Optional.of(Instant.parse("2026-01-01T00:00:00Z")))),
            Optional.of(Instant.parse("2027-01-01T00:00:00Z")),
            Set.of(Finding.UNRESTRICTED, Finding.OUTDATED));
    private static final AuditedKey IMPORTED = new AuditedKey(
            "/.ssh/authorized_keys",
            1,
            "ssh-rsa",
            2048,
            "SHA256:imported",
            "",
            Optional.of(new AuditedKey.Owner("deploy", 1, KeyVersion.Label.CURRENT, Optional.empty())),
            Optional.empty(),
            Set.of());
    private static final AuditedKey STRANGE = new AuditedKey(
            "/etc/ssh/keys/deploy",
            12,
            "ssh-new",
            0,
            "SHA256:strange",
            "J\u00fcrgen\t\ud83d\udd11",
            Optional.empty(),
            Optional.empty(),
            Set.of(Finding.UNKNOWN));
    private static final AuditResult.Account ACCOUNT = new AuditResult.Account(
            "deploy",
            "web-1",
            "deploy@web-1:22",
            List.of(OURS, IMPORTED, STRANGE),
            Set.of(Finding.MANAGED, Finding.MISSING),
            List.of("the file's mode is 0666", "line 7 is dropped"));
    private static final AuditResult.Unread UNREAD = new AuditResult.Unread(
            "deploy",
            "web-2",
            "deploy@web-2:22",
            new DeviceFailure(DeviceFailure.Kind.LOGIN_REFUSED, true, "it lets nobody in"));
    private static final AuditResult.SharedKey SHARED =
            new AuditResult.SharedKey("SHA256:strange", List.of("deploy@web-1:22", "deploy@web-3:22"), 2);

    private static AuditSummary summary(int unread, boolean complete, Finding... findings) {
        Map<Finding, Long> counts = new java.util.EnumMap<>(Finding.class);
        for (Finding finding : findings) {
            counts.merge(finding, 1L, Long::sum);
        }
        return new AuditSummary(AT, 1, unread, 3, counts, complete);
    }

    private static final AuditReport REPORT = new AuditReport(
            List.of(ACCOUNT, UNREAD, SHARED),
            summary(1, false, Finding.UNRESTRICTED, Finding.UNKNOWN, Finding.UNKNOWN, Finding.DSA));

    @Nested
    class ToText {
        @Test
        void toText_everyKindOfResult_isATableThenRemarksThenSums() {
            assertThat(REPORT.toText()).isEqualTo("""
                    account          line                     key              fingerprint      credential             rotated               comment        findings
                    deploy@web-1:22  authorized_keys:3        ssh-ed25519 256  SHA256:ours      deploy v2 rolled_back  2026-01-01T00:00:00Z  deploy@prod    outdated unrestricted
                    deploy@web-1:22  authorized_keys:1        ssh-rsa 2048     SHA256:imported  deploy v1 current      never                 -              -
                    deploy@web-1:22  /etc/ssh/keys/deploy:12  ssh-new          SHA256:strange   -                      -                     J\u00fcrgen\\u{9}\ud83d\udd11  unknown
                    deploy@web-1:22: a credential's current key is in none of the files
                    deploy@web-1:22: a file that something else writes, too
                    deploy@web-1:22: the file's mode is 0666
                    deploy@web-1:22: line 7 is dropped
                    deploy@web-2:22: NOT READ: it lets nobody in
                    SHA256:strange: on 2 accounts: deploy@web-1:22 deploy@web-3:22
                    3 keys on 1 accounts; not read: 1
                    alarm       1  dsa: a DSA key
                    warning     2  unknown: a key that no credential has
                    note        1  unrestricted: without any restriction
                    too many different keys: not every one was compared between accounts
                    """);
        }

        @Test
        void toText_everythingWasCompared_saysNothingOfIt() {
            assertThat(new AuditReport(List.of(), summary(0, true)).toText()).endsWith("not read: 0\n");
        }
    }

    @Nested
    class ToJson {
        @Test
        void toJson_account_hasEverythingOfItsKeys() {
            assertThat(ACCOUNT.toJson())
                    .isEqualTo("{\"result\":\"account\",\"credential\":\"deploy\",\"device\":\"web-1\","
                            + "\"account\":\"deploy@web-1:22\",\"findings\":[\"missing\",\"managed\"],"
                            + "\"warnings\":[\"the file's mode is 0666\",\"line 7 is dropped\"],\"keys\":["
                            + "{\"file\":\"/home/deploy/.ssh/authorized_keys\",\"line\":3,\"algorithm\":\"ssh-ed25519\","
                            + "\"bits\":256,\"fingerprint\":\"SHA256:ours\",\"comment\":\"deploy@prod\",\"owner\":"
                            + "{\"credential\":\"deploy\",\"version\":2,\"label\":\"rolled-back\","
                            + "\"lastRotated\":\"2026-01-01T00:00:00Z\"},\"expires\":\"2027-01-01T00:00:00Z\","
                            + "\"findings\":[\"outdated\",\"unrestricted\"]},"
                            + "{\"file\":\"/.ssh/authorized_keys\",\"line\":1,\"algorithm\":\"ssh-rsa\",\"bits\":2048,"
                            + "\"fingerprint\":\"SHA256:imported\",\"comment\":\"\",\"owner\":{\"credential\":\"deploy\","
                            + "\"version\":1,\"label\":\"current\",\"lastRotated\":null},\"expires\":null,\"findings\":[]},"
                            + "{\"file\":\"/etc/ssh/keys/deploy\",\"line\":12,\"algorithm\":\"ssh-new\",\"bits\":0,"
                            + "\"fingerprint\":\"SHA256:strange\",\"comment\":\"J\\u00FCrgen\\t\\uD83D\\uDD11\",\"owner\":null,"
                            + "\"expires\":null,\"findings\":[\"unknown\"]}]}");
        }

        @Test
        void toJson_unread_saysWhy() {
            assertThat(UNREAD.toJson())
                    .isEqualTo("{\"result\":\"unread\",\"credential\":\"deploy\",\"device\":\"web-2\","
                            + "\"account\":\"deploy@web-2:22\",\"failure\":{\"kind\":\"login-refused\",\"retryable\":true,"
                            + "\"message\":\"it lets nobody in\"}}");
        }

        @Test
        void toJson_sharedKey_saysWhere() {
            assertThat(SHARED.toJson())
                    .isEqualTo("{\"result\":\"shared-key\",\"fingerprint\":\"SHA256:strange\",\"count\":2,"
                            + "\"accounts\":[\"deploy@web-1:22\",\"deploy@web-3:22\"]}");
        }

        @Test
        void toJson_report_isItsSummaryAndItsResults() {
            assertThat(new AuditReport(List.of(SHARED), REPORT.summary()).toJson())
                    .isEqualTo("""
                    {
                      "summary" : {
                        "at" : "2026-03-01T10:00:00Z",
                        "clean" : false,
                        "accounts" : 1,
                        "unread" : 1,
                        "keys" : 3,
                        "findings" : {
                          "dsa" : 1,
                          "unknown" : 2,
                          "unrestricted" : 1
                        },
                        "sharingComplete" : false
                      },
                      "results" : [ {
                        "result" : "shared-key",
                        "fingerprint" : "SHA256:strange",
                        "count" : 2,
                        "accounts" : [ "deploy@web-1:22", "deploy@web-3:22" ]
                      } ]
                    }""");
        }
    }

    @Nested
    class IsClean {
        @Test
        void isClean_allReadAndNoAlarm_isTrue() {
            assertThat(summary(0, true).isClean()).isTrue();
            assertThat(summary(0, true, Finding.UNKNOWN, Finding.MANAGED).isClean())
                    .isTrue();
        }

        @Test
        void isClean_anAlarmOrAnAccountThatWasNotRead_isFalse() {
            assertThat(summary(0, true, Finding.UNKNOWN, Finding.DSA).isClean()).isFalse();
            assertThat(summary(1, true).isClean()).isFalse();
        }
    }
}
