package io.keywright.rotation.audit;

import io.keywright.Fingerprint;
import io.keywright.authorizedkeys.Entry;
import io.keywright.authorizedkeys.Line;
import io.keywright.rotation.AccountReading;
import io.keywright.rotation.Credential;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RemoteFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** One audit under way: what was read becomes results and sums. Thread-safe. */
final class AuditRun {
    private final Instant begun;
    private final StoredKeys stored;
    private final KeyJudge judge;
    private final Consumer<AuditResult> results;
    private final SharedKeys shared = new SharedKeys();
    private final Map<Finding, Long> counts = new EnumMap<>(Finding.class);
    private int accounts;
    private int unread;
    private long keys;

    AuditRun(Instant begun, StoredKeys stored, KeyJudge judge, Consumer<AuditResult> results) {
        this.begun = begun;
        this.stored = stored;
        this.judge = judge;
        this.results = results;
    }

    /** Reads an account and hands its result on. */
    void take(AccountQueue.Task task) {
        AccountReading reading = task.read();
        String credential = task.credential().name();
        if (reading.failure().isPresent()) {
            report(new AuditResult.Unread(
                    credential,
                    reading.device(),
                    reading.account(),
                    reading.failure().get()));
            return;
        }
        report(account(task.credential(), reading), fingerprints(reading));
    }

    AuditSummary finish() {
        for (AuditResult.SharedKey key : shared.list()) {
            count(Finding.SHARED);
            results.accept(key);
        }
        return new AuditSummary(begun, accounts, unread, keys, counts, shared.isComplete());
    }

    private AuditResult.Account account(Credential credential, AccountReading reading) {
        Map<Fingerprint, Integer> lines = new HashMap<>();
        for (RemoteFile file : reading.files()) {
            file.keys().entries().forEach(entry -> lines.merge(entry.fingerprint(), 1, Integer::sum));
        }
        List<AuditedKey> found = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        Set<Finding> about = EnumSet.noneOf(Finding.class);
        for (String absent : stored.credentialsOn(reading.account())) {
            if (missing(absent, reading)) {
                about.add(Finding.MISSING);
                warnings.add("the current key of " + absent + " is in none of its files");
            }
        }
        for (RemoteFile file : reading.files()) {
            if (file.exists()) {
                warnings.addAll(file.strictModesTrouble());
            }
            AccountReading.managerOf(file).ifPresent(manager -> {
                about.add(Finding.MANAGED);
                warnings.add(file.path() + " is written by " + manager + ", too: it may bring back what is removed");
            });
            for (Line line : file.keys().lines()) {
                if (line instanceof Entry entry) {
                    boolean duplicated = lines.getOrDefault(entry.fingerprint(), 0) > 1;
                    found.add(judge.judge(entry, file.path(), reading.account(), duplicated));
                } else if (line instanceof Line.Malformed malformed) {
                    warnings.add(file.path() + ":" + line.number() + ": sshd drops the line: "
                            + malformed.problem().description());
                }
            }
        }
        return new AuditResult.Account(credential.name(), reading.device(), reading.account(), found, about, warnings);
    }

    private boolean missing(String credential, AccountReading reading) {
        Optional<KeyVersion> current = stored.current(credential);
        return current.isPresent()
                && reading.files().stream()
                        .noneMatch(file -> file.keys().contains(current.get().publicKey()));
    }

    /** The different keys of an account; authorities are no keys of anybody's. */
    private static Set<Fingerprint> fingerprints(AccountReading reading) {
        Set<Fingerprint> different = new HashSet<>();
        for (RemoteFile file : reading.files()) {
            for (Entry entry : file.keys().entries()) {
                if (!entry.isCertAuthority()) {
                    different.add(entry.fingerprint());
                }
            }
        }
        return different;
    }

    private synchronized void report(AuditResult.Unread account) {
        unread++;
        results.accept(account);
    }

    private synchronized void report(AuditResult.Account account, Set<Fingerprint> different) {
        accounts++;
        keys += account.keys().size();
        account.findings().forEach(this::count);
        account.keys().forEach(key -> key.findings().forEach(this::count));
        for (Fingerprint key : different) {
            Optional<AuditedKey.Owner> owner = stored.owner(key);
            boolean expected = owner.isPresent()
                    && stored.audited(owner.get().credential()).isPresent()
                    && !stored.isElsewhere(owner.get(), account.account());
            shared.add(key, account.account(), expected);
        }
        results.accept(account);
    }

    private void count(Finding finding) {
        counts.merge(finding, 1L, Long::sum);
    }
}
