package io.keywright.rotation.audit;

import io.keywright.rotation.AccountReader;
import io.keywright.rotation.AccountReading;
import io.keywright.rotation.Credential;
import io.keywright.rotation.Device;
import io.keywright.rotation.RotationEngine;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The accounts that are to be read, credential after credential. A credential's keys are opened with its first account and
 * wiped after its last. Thread-safe.
 */
final class AccountQueue implements AutoCloseable {
    private final RotationEngine engine;
    private final Iterator<Credential> credentials;
    private final Set<String> handedOut = new HashSet<>();
    private final Set<OpenCredential> open = new HashSet<>();
    private @Nullable OpenCredential current;

    AccountQueue(RotationEngine engine, Collection<Credential> credentials) {
        this.engine = engine;
        this.credentials = credentials.iterator();
    }

    /** A credential some of whose accounts are being read. */
    private static final class OpenCredential {
        private final Credential credential;
        private final AccountReader reader;
        private final Iterator<Device> devices;
        private int reading;

        OpenCredential(Credential credential, AccountReader reader) {
            this.credential = credential;
            this.reader = reader;
            this.devices = credential.devicesInOrder().iterator();
        }
    }

    /** An account that is to be read. */
    final class Task {
        private final OpenCredential owner;
        private final Device device;

        private Task(OpenCredential owner, Device device) {
            this.owner = owner;
            this.device = device;
        }

        Credential credential() {
            return owner.credential;
        }

        AccountReading read() {
            try {
                return owner.reader.read(device);
            } finally {
                done(owner);
            }
        }
    }

    /** The next account that has not been handed out yet; null at the end. */
    synchronized @Nullable Task next() {
        for (; ; ) {
            OpenCredential from = current;
            if (from == null) {
                if (!credentials.hasNext()) {
                    return null;
                }
                Credential credential = credentials.next();
                from = new OpenCredential(credential, engine.reader(credential));
                open.add(from);
                current = from;
            }
            while (from.devices.hasNext()) {
                Device device = from.devices.next();
                if (handedOut.add(AccountReader.accountOn(from.credential, device))) {
                    from.reading++;
                    return new Task(from, device);
                }
            }
            current = null;
            closeIfDone(from);
        }
    }

    private synchronized void done(OpenCredential owner) {
        owner.reading--;
        closeIfDone(owner);
    }

    private void closeIfDone(OpenCredential owner) {
        if (owner.reading == 0 && !owner.devices.hasNext() && open.remove(owner)) {
            owner.reader.close();
        }
    }

    /** Wipes what an audit that failed has left open. */
    @Override
    public synchronized void close() {
        open.forEach(owner -> owner.reader.close());
        open.clear();
    }
}
