package io.keywright.rotation.audit;

import io.keywright.internal.Lanes;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.RotationEngine;
import java.time.Clock;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code authorized_keys} files of a fleet and says what is in them. Changes nothing.
 *
 * <p>Accounts are those of the credentials that are named; each is read once, also where several credentials have it. A
 * device that cannot be asked is a result of its own. Results go to a consumer as they come: what stays in memory is the
 * accounts being read, 32 bytes and its first account for each different key, and the store's public keys. Immutable and
 * thread-safe; each {@code with...} returns a copy.
 */
public final class Audit {
    /** How many different keys are compared between accounts: some 300 MB when all of them are different. */
    public static final int MAX_COMPARED_KEYS = 1_000_000;

    /** How many accounts of a shared key are named. */
    public static final int MAX_NAMED_ACCOUNTS = 100;

    /** The RSA size required unless set: 112 bits of security (NIST SP 800-131A). */
    public static final int REQUIRED_RSA_BITS = 2048;
    /** The RSA size advised unless set: 128 bits of security (NIST SP 800-57, part 1), and what ssh-keygen makes. */
    public static final int ADVISED_RSA_BITS = 3072;

    private final RotationEngine engine;
    private final CredentialStore store;
    private final Clock clock;
    private final ZoneId serverZone;
    private final int requiredRsaBits;
    private final int advisedRsaBits;
    private final ListedKeys listed;
    private final @Nullable Executor executor;
    private final int parallelism;

    private Audit(
            RotationEngine engine,
            CredentialStore store,
            Clock clock,
            ZoneId serverZone,
            int requiredRsaBits,
            int advisedRsaBits,
            ListedKeys listed,
            @Nullable Executor executor,
            int parallelism) {
        this.engine = engine;
        this.store = store;
        this.clock = clock;
        this.serverZone = serverZone;
        this.requiredRsaBits = requiredRsaBits;
        this.advisedRsaBits = advisedRsaBits;
        this.listed = listed;
        this.executor = executor;
        this.parallelism = parallelism;
    }

    /**
     * Makes an audit: one account at a time, by the system's clock, with RSA keys of 2048 bits required and 3072 advised, and
     * no list of weak keys.
     *
     * @param engine connects to devices; stays the caller's
     * @param store the engine's store, whose keys are the managed ones
     * @return the audit
     */
    public static Audit of(RotationEngine engine, CredentialStore store) {
        return new Audit(
                engine,
                store,
                Clock.systemUTC(),
                ZoneOffset.UTC,
                REQUIRED_RSA_BITS,
                ADVISED_RSA_BITS,
                ListedKeys.NONE,
                null,
                1);
    }

    /**
     * Judges expiry and age by another clock.
     *
     * @param value the clock
     * @return a copy
     */
    public Audit withClock(Clock value) {
        return new Audit(
                engine,
                store,
                Objects.requireNonNull(value, "value"),
                serverZone,
                requiredRsaBits,
                advisedRsaBits,
                listed,
                executor,
                parallelism);
    }

    /**
     * Sets the servers' time zone, by which sshd reads an {@code expiry-time} without a suffix.
     *
     * @param value UTC unless set
     * @return a copy
     */
    public Audit withServerZone(ZoneId value) {
        return new Audit(
                engine,
                store,
                clock,
                Objects.requireNonNull(value, "value"),
                requiredRsaBits,
                advisedRsaBits,
                listed,
                executor,
                parallelism);
    }

    /**
     * Sets how long RSA keys are to be.
     *
     * @param required shorter ones are {@link Finding#RSA_TOO_SHORT}
     * @param advised shorter ones are {@link Finding#RSA_SHORT}
     * @return a copy
     * @throws IllegalArgumentException unless {@code 0 < required <= advised}
     */
    public Audit withRsaBits(int required, int advised) {
        if (required < 1 || advised < required) {
            throw new IllegalArgumentException("the RSA size required is positive and at most the one advised, got "
                    + required + " and " + advised);
        }
        return new Audit(engine, store, clock, serverZone, required, advised, listed, executor, parallelism);
    }

    /**
     * Sets which keys are known to be weak.
     *
     * @param value the list
     * @return a copy
     */
    public Audit withListedKeys(ListedKeys value) {
        return new Audit(
                engine,
                store,
                clock,
                serverZone,
                requiredRsaBits,
                advisedRsaBits,
                Objects.requireNonNull(value, "value"),
                executor,
                parallelism);
    }

    /**
     * Reads several accounts at once.
     *
     * @param value runs them; stays the caller's
     * @param atOnce how many accounts, at least 1
     * @return a copy
     * @throws IllegalArgumentException when it is less than 1
     */
    public Audit withExecutor(Executor value, int atOnce) {
        if (atOnce < 1) {
            throw new IllegalArgumentException("at least one account is read at once, not " + atOnce);
        }
        return new Audit(
                engine,
                store,
                clock,
                serverZone,
                requiredRsaBits,
                advisedRsaBits,
                listed,
                Objects.requireNonNull(value, "value"),
                atOnce);
    }

    /**
     * Reads every account of some credentials.
     *
     * @param credentials whose accounts, each name once
     * @param results hears of each account as it is done, in any order, and of shared keys at the end; one call at a time,
     *     on the thread that read the account
     * @return what it came to
     * @throws io.keywright.rotation.RotationException when the store has no key for a credential
     * @throws io.keywright.rotation.StoreException when the store cannot be read
     * @throws IllegalArgumentException when a name comes twice
     */
    public AuditSummary run(Collection<Credential> credentials, Consumer<AuditResult> results) {
        long names = credentials.stream().map(Credential::name).distinct().count();
        if (names != credentials.size()) {
            throw new IllegalArgumentException("a credential is named twice");
        }
        StoredKeys stored = new StoredKeys(store, credentials);
        KeyJudge judge = new KeyJudge(clock.instant(), serverZone, requiredRsaBits, advisedRsaBits, listed, stored);
        AuditRun run = new AuditRun(clock.instant(), stored, judge, results);
        AccountQueue accounts = new AccountQueue(engine, credentials);
        try {
            Lanes.run(accounts::next, parallelism, executor, account -> {
                run.take(account);
                return true;
            });
        } finally {
            accounts.close();
        }
        return run.finish();
    }

    /**
     * Reads every account of some credentials, and keeps all results.
     *
     * @param credentials whose accounts, each name once
     * @return the report, sorted by account
     * @throws io.keywright.rotation.RotationException see {@link #run}
     */
    public AuditReport report(Collection<Credential> credentials) {
        List<AuditResult> results = new ArrayList<>();
        AuditSummary summary = run(credentials, results::add);
        results.sort(Comparator.comparing(Audit::place));
        return new AuditReport(results, summary);
    }

    /** By credential and device; shared keys last. */
    private static String place(AuditResult result) {
        if (result instanceof AuditResult.Account account) {
            return "1 " + account.credential() + " " + account.device();
        } else if (result instanceof AuditResult.Unread unread) {
            return "1 " + unread.credential() + " " + unread.device();
        }
        return "2 ";
    }
}
