package io.keywright.rotation.audit;

import io.keywright.DsaPublicKey;
import io.keywright.Fingerprint;
import io.keywright.RsaPublicKey;
import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.EffectivePermissions;
import io.keywright.authorizedkeys.Entry;
import io.keywright.authorizedkeys.Usability;
import io.keywright.rotation.Credential;
import io.keywright.rotation.KeyVersion;
import java.time.Instant;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Says what there is to say about one line with a key. Immutable. */
final class KeyJudge {
    private final Instant now;
    private final ZoneId serverZone;
    private final int requiredRsaBits;
    private final int advisedRsaBits;
    private final ListedKeys listed;
    private final StoredKeys stored;

    KeyJudge(
            Instant now,
            ZoneId serverZone,
            int requiredRsaBits,
            int advisedRsaBits,
            ListedKeys listed,
            StoredKeys stored) {
        this.now = now;
        this.serverZone = serverZone;
        this.requiredRsaBits = requiredRsaBits;
        this.advisedRsaBits = advisedRsaBits;
        this.listed = listed;
        this.stored = stored;
    }

    AuditedKey judge(Entry entry, String file, String account, boolean duplicated) {
        Set<Finding> findings = EnumSet.noneOf(Finding.class);
        int bits = judgeKey(entry, findings);
        Optional<AuditedKey.Owner> owner = Optional.empty();
        if (entry.isCertAuthority()) {
            findings.add(Finding.CERT_AUTHORITY);
        } else {
            owner = stored.owner(entry.fingerprint());
            judgeOwner(owner, account, findings);
        }
        Optional<Instant> expires = judgeLine(entry, findings);
        if (duplicated) {
            findings.add(Finding.DUPLICATED);
        }
        return new AuditedKey(
                file,
                entry.number(),
                entry.algorithm(),
                bits,
                entry.fingerprint().toString(),
                entry.comment().toString(),
                owner,
                expires,
                findings);
    }

    /** Judges the key itself, and returns its size. */
    private int judgeKey(Entry entry, Set<Finding> findings) {
        if (listed.contains(entry.fingerprint(Fingerprint.Hash.MD5))) {
            findings.add(Finding.LISTED);
        }
        SshPublicKey key;
        try {
            key = entry.key();
        } catch (SshKeyException e) {
            findings.add(Finding.UNUSABLE); // sshd cannot decode it either
            return 0;
        }
        if (key instanceof DsaPublicKey) {
            findings.add(Finding.DSA);
        } else if (key instanceof RsaPublicKey rsa) {
            if (rsa.bits() < requiredRsaBits) {
                findings.add(Finding.RSA_TOO_SHORT);
            } else if (rsa.bits() < advisedRsaBits) {
                findings.add(Finding.RSA_SHORT);
            }
            if (Roca.isVulnerable(rsa.modulus())) {
                findings.add(Finding.ROCA);
            }
        }
        return key.bits();
    }

    private void judgeOwner(Optional<AuditedKey.Owner> found, String account, Set<Finding> findings) {
        if (found.isEmpty()) {
            findings.add(Finding.UNKNOWN);
            return;
        }
        AuditedKey.Owner owner = found.get();
        switch (owner.label()) {
            case DESTROYED -> findings.add(Finding.DESTROYED);
            case CURRENT -> {
                if (isOverdue(owner)) {
                    findings.add(Finding.OVERDUE);
                }
            }
            case PENDING, PREVIOUS, ROLLED_BACK -> findings.add(Finding.OUTDATED);
        }
        if (stored.isElsewhere(owner, account)) {
            findings.add(Finding.ELSEWHERE);
        }
    }

    private boolean isOverdue(AuditedKey.Owner owner) {
        Optional<Instant> since = stored.current(owner.credential()).map(KeyVersion::changed);
        Optional<Credential> credential = stored.audited(owner.credential());
        return since.isPresent()
                && credential.isPresent()
                && since.get().plus(credential.get().policy().interval()).isBefore(now);
    }

    /** Judges the line's options, and returns when it expires. */
    private Optional<Instant> judgeLine(Entry entry, Set<Finding> findings) {
        Optional<EffectivePermissions> permissions = entry.permissions();
        Usability usability = entry.usabilityAt(now, serverZone);
        switch (usability.verdict()) {
            case EXPIRED -> findings.add(Finding.EXPIRED);
            case UNKNOWN_OPTION, BAD_OPTION, PRINCIPALS_WITHOUT_AUTHORITY, CERTIFICATE, BAD_KEY ->
                findings.add(Finding.UNUSABLE);
            case USABLE, SERVER_DEPENDENT -> {
                if (permissions.isPresent() && isUnrestricted(permissions.get())) {
                    findings.add(Finding.UNRESTRICTED);
                }
            }
            case CERT_AUTHORITY -> {} // said already
        }
        return permissions.flatMap(allowed -> allowed.expiry(serverZone));
    }

    private static boolean isUnrestricted(EffectivePermissions allowed) {
        return allowed.pty()
                && allowed.portForwarding()
                && allowed.agentForwarding()
                && allowed.x11Forwarding()
                && allowed.command().isEmpty()
                && allowed.from().isEmpty()
                && allowed.expiryTimes().isEmpty()
                && allowed.permitOpen().isEmpty()
                && allowed.permitListen().isEmpty();
    }
}
