package io.keywright.testkit.engine;

import io.keywright.*;
import io.keywright.rotation.*;
import io.keywright.testkit.rotation.MutationHook;
import java.time.Instant;
import java.util.*;

final class InMemoryCredentialStore implements CredentialStore {
    static final class Cred { long gen; long fence; List<KeyVersion> versions = new ArrayList<>(); Map<Integer, SshKeyPair> pairs = new HashMap<>(); Map<String, Set<Integer>> may = new HashMap<>(); Passphrase pw; boolean leased; }
    final Map<String, Cred> creds = new TreeMap<>();
    MutationHook hook = (m, s) -> {};
    void onMutation(MutationHook h) { hook = h; }
    void breakLeases() { creds.values().forEach(c -> c.leased = false); }
    CredentialStore view() { return this; }
    Cred c(String n) { return creds.computeIfAbsent(n, x -> new Cred()); }
    public synchronized List<String> list() { return List.copyOf(creds.keySet()); }
    public synchronized Optional<CredentialState> find(String n) { Cred c = creds.get(n); return c == null || (c.versions.isEmpty() && c.pw == null) ? Optional.empty() : Optional.of(new CredentialState(n, c.gen, c.versions, c.may, c.pw != null)); }
    public synchronized Lease lease(String n) { Cred c = c(n); if (c.leased) throw new CredentialBusyException("busy", null); c.leased = true; long f = ++c.fence; return new Lease() {
        boolean open = true;
        public String credential() { return n; } public long fence() { return f; }
        public void requireValid() { if (c.fence != f) throw new LeaseLostException("lost", null); }
        public void close() { if (open && c.fence == f) { c.leased = false; } open = false; } }; }
    void mut(Lease l, String what, Runnable r) { l.requireValid(); hook.at(MutationHook.Moment.BEFORE, what); r.run(); c(l.credential()).gen++; hook.at(MutationHook.Moment.AFTER, what); }
    public synchronized KeyVersion importKey(Lease l, SshKeyPair p) { Cred c = c(l.credential()); mut(l, "importKey", () -> { relabel(c, KeyVersion.Label.CURRENT, KeyVersion.Label.PREVIOUS); add(c, p, KeyVersion.Label.CURRENT, Optional.empty()); }); return c.versions.get(c.versions.size() - 1); }
    void add(Cred c, SshKeyPair p, KeyVersion.Label lab, Optional<String> rot) { int n = c.versions.size() + 1; c.versions.add(new KeyVersion(n, lab, p.publicKey(), Instant.EPOCH, Instant.EPOCH, rot)); c.pairs.put(n, p.copy()); }
    void relabel(Cred c, KeyVersion.Label from, KeyVersion.Label to) { c.versions.replaceAll(v -> v.label() == from ? new KeyVersion(v.number(), to, v.publicKey(), v.created(), v.changed(), v.rotation()) : v); }
    void set(Cred c, int n, KeyVersion.Label to) { c.versions.replaceAll(v -> v.number() == n ? new KeyVersion(v.number(), to, v.publicKey(), v.created(), v.changed(), v.rotation()) : v); }
    public synchronized KeyVersion stage(Lease l, String rot, SshKeyPair p) { Cred c = c(l.credential()); for (KeyVersion v : c.versions) if (v.label() == KeyVersion.Label.PENDING) { if (v.rotation().equals(Optional.of(rot))) return v; throw new StoreException("pending", null);} mut(l, "stage", () -> add(c, p, KeyVersion.Label.PENDING, Optional.of(rot))); return c.versions.get(c.versions.size() - 1); }
    KeyVersion.Label label(Cred c, int v) { return c.versions.get(v - 1).label(); }
    public synchronized void promote(Lease l, int v) { Cred c = c(l.credential()); if (label(c, v) == KeyVersion.Label.CURRENT) return; if (label(c, v) != KeyVersion.Label.PENDING) throw new StoreException("not pending", null); mut(l, "promote", () -> { relabel(c, KeyVersion.Label.CURRENT, KeyVersion.Label.PREVIOUS); set(c, v, KeyVersion.Label.CURRENT); }); }
    public synchronized void discard(Lease l, int v) { Cred c = c(l.credential()); if (label(c, v) == KeyVersion.Label.ROLLED_BACK) return; if (label(c, v) != KeyVersion.Label.PENDING) throw new StoreException("not pending", null); mut(l, "discard", () -> set(c, v, KeyVersion.Label.ROLLED_BACK)); }
    public synchronized void destroy(Lease l, int v) { Cred c = c(l.credential()); KeyVersion.Label x = label(c, v); if (x == KeyVersion.Label.DESTROYED) return; if (x == KeyVersion.Label.PENDING || x == KeyVersion.Label.CURRENT || c.may.values().stream().anyMatch(s -> s.contains(v))) throw new StoreException("may not destroy " + v + x + c.may, null); mut(l, "destroy", () -> { set(c, v, KeyVersion.Label.DESTROYED); c.pairs.remove(v); }); }
    public synchronized void recordDevices(Lease l, Map<String, Set<Integer>> m) { Cred c = c(l.credential()); mut(l, "recordDevices", () -> m.forEach((d, s) -> { if (s.isEmpty()) c.may.remove(d); else c.may.put(d, Set.copyOf(s)); })); }
    public synchronized SshKeyPair openKey(String n, int v) { SshKeyPair p = c(n).pairs.get(v); if (p == null) throw new StoreException("no private half", null); return p.copy(); }
    public synchronized void putPassword(Lease l, Passphrase p) { mut(l, "putPassword", () -> c(l.credential()).pw = p.copy()); }
    public synchronized Optional<Passphrase> openPassword(String n) { return Optional.ofNullable(c(n).pw).map(Passphrase::copy); }
    public void close() {}
}
