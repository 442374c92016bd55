package io.keywright.testkit.simulation;

import io.keywright.SshKeyPair;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.JournalEntry;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.KeyVersion.Label;
import io.keywright.rotation.RotationJournal;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.fleet.SettableClock;
import io.keywright.testkit.fleet.SimulatedProcess;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Mistakes that an engine could make. Each stands between the engine and what it works with, so that the two of them do what
 * an engine with that mistake would do.
 */
enum PlantedBug {
    /** The new key is CURRENT as soon as it is stored. */
    PROMOTES_BEFORE_EXPANDING(Invariant.CURRENT_WORKS) {
        @Override
        CredentialStore around(CredentialStore store) {
            return new DelegatingStore(store) {
                @Override
                public KeyVersion stage(Lease lease, String rotation, SshKeyPair pair) {
                    KeyVersion staged = super.stage(lease, rotation, pair);
                    super.promote(lease, staged.number());
                    return staged;
                }
            };
        }
    },

    /** What an earlier life wrote down is not read. */
    FORGETS_THE_JOURNAL(Invariant.STEPS_MAY_REPEAT) {
        @Override
        RotationJournal around(RotationJournal journal) {
            return new RotationJournal() {
                @Override
                public Log begin(String credential, String rotation, List<JournalEntry> beginning) {
                    return journal.begin(credential, rotation, beginning);
                }

                @Override
                public Optional<Log> openLatest(String credential) {
                    return Optional.empty();
                }
            };
        }
    },

    /** Where the old key is removed, whatever has its comment goes with it. */
    MATCHES_BY_COMMENT(Invariant.OTHER_LINES_KEPT) {
        @Override
        SshTransport around(SshTransport transport, CredentialStore store) {
            return FileChanging.of(
                    transport,
                    text -> removesPrevious(text, store)
                            ? without(text, line -> line.strip().endsWith(" first"))
                            : text);
        }
    },

    /** The old key's line is replaced by the new one's, instead of being kept beside it until the new one works. */
    REMOVES_BEFORE_VERIFYING(Invariant.OWN_SESSION_KEPT) {
        @Override
        SshTransport around(SshTransport transport, CredentialStore store) {
            return FileChanging.of(
                    transport,
                    text -> has(text, store, Label.PENDING)
                            ? without(text, line -> has(line, store, Label.CURRENT))
                            : text);
        }
    },

    /** Nobody asks whether a lease is still the youngest. */
    CHECKS_NO_FENCE(Invariant.OVERTAKEN_CHANGES_NOTHING) {
        @Override
        CredentialStore beneath(CredentialStore store, Runnable lapse) {
            return new UnfencedStore(store, lapse);
        }
    },

    /** The old private key is destroyed after the first proof. */
    DESTROYS_BEFORE_THE_SECOND_PROOF(Invariant.DURABLE_WHILE_ACCEPTED) {
        @Override
        CredentialStore around(CredentialStore store) {
            return new DelegatingStore(store) {
                @Override
                public void recordDevices(Lease lease, Map<String, Set<Integer>> mayAccept) {
                    super.recordDevices(lease, mayAccept);
                    CredentialState state = find(lease.credential()).orElseThrow();
                    state.versions().stream()
                            .filter(version -> version.label() == Label.PREVIOUS)
                            .filter(version -> state.mayAccept().values().stream()
                                    .noneMatch(numbers -> numbers.contains(version.number())))
                            .forEach(version -> destroy(lease, version.number()));
                }
            };
        }
    },

    /** The new private key is in memory only until it is promoted. */
    STAGES_AFTER_ADDING(Invariant.DURABLE_WHILE_ACCEPTED) {
        @Override
        CredentialStore around(CredentialStore store) {
            return new LateStore(store);
        }
    },

    /** The store never learns which versions devices may accept. */
    DOES_NOT_RECORD_WHAT_DEVICES_ACCEPT(Invariant.DURABLE_WHILE_ACCEPTED) {
        @Override
        CredentialStore around(CredentialStore store) {
            return new DelegatingStore(store) {
                @Override
                public void recordDevices(Lease lease, Map<String, Set<Integer>> mayAccept) {
                    lease.requireValid();
                }
            };
        }
    },

    /** Where a device could not be asked about a key, the key counts as refused. */
    TAKES_SILENCE_FOR_A_REFUSAL(Invariant.PROOF_NOT_HOPE) {
        @Override
        SshTransport around(SshTransport transport, CredentialStore store) {
            return new Deaf(transport);
        }
    },

    /** An engine that resumes after PROMOTE takes the rotation back. */
    ROLLS_BACK_AFTER_PROMOTING(Invariant.CURRENT_WORKS) {
        @Override
        RotationJournal around(RotationJournal journal) {
            return remembered(journal, entry -> {
                Map<String, String> reason = Map.of("reason", "second thoughts");
                return entry.step() == JournalEntry.Step.PROMOTED
                        ? new JournalEntry(entry.at(), JournalEntry.Step.ABORTING, Optional.empty(), reason)
                        : entry;
            });
        }
    },

    /** Where the old key's lines go, those of the new one go as well. */
    REMOVES_EVERY_LINE(Invariant.NO_LOCK_OUT) {
        @Override
        SshTransport around(SshTransport transport, CredentialStore store) {
            return FileChanging.of(
                    transport,
                    text -> removesPrevious(text, store)
                            ? without(text, line -> has(line, store, Label.CURRENT))
                            : text);
        }
    },

    /** An engine that resumes takes a device where the old key could not be removed for one where it was. */
    TAKES_A_FAILURE_FOR_A_PROOF(Invariant.NO_FALSE_SUCCESS) {
        @Override
        RotationJournal around(RotationJournal journal) {
            Map<String, String> proof = Map.of("oldAfter", "refused", "newAfter", "accepted", "removed", "true");
            return remembered(
                    journal,
                    entry -> entry.step() == JournalEntry.Step.FAILED
                                    && "CONTRACT".equals(entry.facts().get("phase"))
                            ? new JournalEntry(entry.at(), JournalEntry.Step.CONTRACTED, entry.device(), proof)
                            : entry);
        }
    },

    /** An edit is not given up although its engine was overtaken, and nobody looks at locks, or at what others left. */
    WRITES_WITHOUT_A_LOCK(Invariant.OVERTAKEN_CHANGES_NOTHING) {
        @Override
        SshTransport around(SshTransport transport, CredentialStore store) {
            return new Lockless(transport);
        }

        @Override
        CredentialStore around(CredentialStore store) {
            return new DelegatingStore(store) {
                @Override
                public Lease lease(String name) {
                    return new Blind(super.lease(name));
                }

                @Override
                Lease lease(Lease lease) {
                    return ((Blind) lease).lease;
                }
            };
        }
    };

    private final Invariant breaks;

    PlantedBug(Invariant breaks) {
        this.breaks = breaks;
    }

    /** What it does not keep to. That an engine merely falls over proves nothing. */
    Invariant breaks() {
        return breaks;
    }

    /** What is planted between the engine and its store. */
    CredentialStore around(CredentialStore store) {
        return store;
    }

    /** What is planted between the simulator and the store, for mistakes of the store itself. */
    CredentialStore beneath(CredentialStore store, Runnable lapse) {
        return store;
    }

    /** What is planted between the engine and its journal. */
    RotationJournal around(RotationJournal journal) {
        return journal;
    }

    /** What is planted between the engine and its transport. */
    SshTransport around(SshTransport transport, CredentialStore store) {
        return transport;
    }

    /** Parts of engines that make this mistake. */
    PartsUnderTest parts(SettableClock clock) {
        InMemoryParts sound = new InMemoryParts(clock);
        CredentialStore store = beneath(sound.store(), sound::lapse);
        return new PartsUnderTest() {
            @Override
            public CredentialStore store() {
                return store;
            }

            @Override
            public RotationJournal journal() {
                return sound.journal();
            }

            @Override
            public SshTransport transport(SimulatedProcess process) {
                return around(process.transport(), store);
            }

            @Override
            public CredentialStore seenByEngine(CredentialStore stepped, SimulatedProcess process) {
                return around(stepped);
            }

            @Override
            public RotationJournal seenByEngine(RotationJournal stepped, SimulatedProcess process) {
                return around(stepped);
            }

            @Override
            public void lapse() {
                sound.lapse();
            }

            @Override
            public void close() {
                sound.close();
            }
        };
    }

    // --- what the mistakes are made of ---

    private static boolean has(String text, CredentialStore store, Label label) {
        return store.find(World.NAME).orElseThrow().versions().stream()
                .anyMatch(version -> version.label() == label && text.contains(DeviceTruth.blob(version)));
    }

    private static boolean removesPrevious(String text, CredentialStore store) {
        boolean promoted = store.find(World.NAME).orElseThrow().versions().stream()
                .anyMatch(version -> version.label() == Label.PREVIOUS);
        return promoted && has(text, store, Label.CURRENT) && !has(text, store, Label.PREVIOUS);
    }

    private static String without(String text, java.util.function.Predicate<String> gone) {
        List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
        lines.removeIf(gone);
        return String.join("\n", lines);
    }

    /** A journal whose earlier entries are remembered otherwise than they were written. */
    private static RotationJournal remembered(RotationJournal journal, UnaryOperator<JournalEntry> memory) {
        return new RotationJournal() {
            @Override
            public Log begin(String credential, String rotation, List<JournalEntry> beginning) {
                return journal.begin(credential, rotation, beginning);
            }

            @Override
            public Optional<Log> openLatest(String credential) {
                return journal.openLatest(credential).map(log -> remembered(log, memory));
            }
        };
    }

    private static RotationJournal.Log remembered(RotationJournal.Log log, UnaryOperator<JournalEntry> memory) {
        return new RotationJournal.Log() {
            @Override
            public String rotation() {
                return log.rotation();
            }

            @Override
            public List<JournalEntry> entries() {
                return log.entries().stream().map(memory).toList();
            }

            @Override
            public void append(List<JournalEntry> entries) {
                log.append(entries);
            }

            @Override
            public void close() {
                log.close();
            }
        };
    }

    /** Keeps a staged key in memory until it is promoted. */
    private static final class LateStore extends DelegatingStore {
        private Optional<KeyVersion> late = Optional.empty();
        private Optional<SshKeyPair> lateKey = Optional.empty();
        private final Map<String, Set<Integer>> lateDevices = new HashMap<>();

        LateStore(CredentialStore store) {
            super(store);
        }

        @Override
        public Optional<CredentialState> find(String name) {
            return super.find(name).map(state -> {
                if (late.isEmpty()) {
                    return state;
                }
                List<KeyVersion> versions = new ArrayList<>(state.versions());
                versions.add(late.get());
                Map<String, Set<Integer>> devices = new TreeMap<>(state.mayAccept());
                devices.putAll(lateDevices);
                return new CredentialState(name, state.generation(), versions, devices, state.hasPassword());
            });
        }

        @Override
        public KeyVersion stage(Lease lease, String rotation, SshKeyPair pair) {
            lease.requireValid();
            int number = super.find(lease.credential()).orElseThrow().versions().size() + 1;
            KeyVersion version = new KeyVersion(
                    number,
                    Label.PENDING,
                    pair.publicKey(),
                    SettableClock.DEFAULT_START,
                    SettableClock.DEFAULT_START,
                    Optional.of(rotation));
            late = Optional.of(version);
            lateKey = Optional.of(pair.copy());
            return version;
        }

        @Override
        public <T extends AutoCloseable> T exposeSecret(String name, StoredSecret<T> which) {
            return which.openWith(
                    version -> late.isPresent() && late.get().number() == version
                            ? lateKey.orElseThrow().copy()
                            : super.exposeSecret(name, StoredSecret.key(version)),
                    () -> super.exposeSecret(name, StoredSecret.password()));
        }

        @Override
        public void recordDevices(Lease lease, Map<String, Set<Integer>> mayAccept) {
            if (late.isPresent()) {
                lateDevices.putAll(mayAccept);
            } else {
                super.recordDevices(lease, mayAccept);
            }
        }

        @Override
        public void promote(Lease lease, int version) {
            store(lease);
            super.promote(lease, version);
        }

        @Override
        public void discard(Lease lease, int version) {
            store(lease);
            super.discard(lease, version);
        }

        private void store(Lease lease) {
            if (late.isPresent()) {
                super.stage(lease, late.get().rotation().orElseThrow(), lateKey.orElseThrow());
                late = Optional.empty();
                super.recordDevices(lease, lateDevices);
            }
        }
    }

    /** Asks, and when no answer comes, goes on as if it had been no. */
    private static final class Deaf extends DelegatingTransport {
        Deaf(SshTransport transport) {
            super(transport);
        }

        @Override
        public SshConnection connect(ConnectRequest request) {
            try {
                return super.connect(request);
            } catch (ConnectionLostException | TransportTimeoutException e) {
                if (request.probes().isEmpty()) {
                    throw e;
                }
                SshConnection connection = super.connect(request.withProbes(List.of()));
                return new DelegatingConnection(connection) {
                    @Override
                    public List<ProbeAnswer> probes() {
                        return Collections.nCopies(request.probes().size(), ProbeAnswer.REFUSED);
                    }
                };
            }
        }
    }

    /** Changes what is written beside the file that it will replace. */
    private static final class FileChanging extends DelegatingTransport {
        private final UnaryOperator<String> change;

        private FileChanging(SshTransport transport, UnaryOperator<String> change) {
            super(transport);
            this.change = change;
        }

        static SshTransport of(SshTransport transport, UnaryOperator<String> change) {
            return new FileChanging(transport, change);
        }

        @Override
        byte[] written(String path, byte[] content) {
            return path.contains("/.keywright-")
                    ? change.apply(new String(content, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8)
                    : content;
        }
    }

    /** Every lock is there for the taking. */
    private static final class Lockless extends DelegatingTransport {
        Lockless(SshTransport transport) {
            super(transport);
        }

        @Override
        boolean pretendsToLock() {
            return true;
        }
    }

    /** A lease that always says that all is well. */
    private static final class Blind implements CredentialStore.Lease {
        private final CredentialStore.Lease lease;

        Blind(CredentialStore.Lease lease) {
            this.lease = lease;
        }

        @Override
        public String credential() {
            return lease.credential();
        }

        @Override
        public long fence() {
            return lease.fence();
        }

        @Override
        public void requireValid() {
            // all is well
        }

        @Override
        public void close() {
            lease.close();
        }
    }
}
