package io.keywright.rotation;

import io.keywright.rotation.RotationState.DeviceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The log-ins that proved the new key in EXPAND, which stay open until CONTRACT removes the old one over them. That saves a
 * connection to each device, and is done where the whole fleet is one wave that follows EXPAND at once, of no more devices than
 * may be kept: a connection costs memory here, with some transports a thread, and a process on the server, which may end it
 * when it idles. One that has ended meanwhile is made anew. Thread-safe.
 */
final class KeptLogIns implements AutoCloseable {
    private final boolean keeping;
    private final Map<String, DeviceAccount.Session> sessions = new ConcurrentHashMap<>();

    private KeptLogIns(boolean keeping) {
        this.keeping = keeping;
    }

    /**
     * Decides whether anything is kept.
     *
     * @param devices of the rotation
     * @param most how many devices there may be at most
     */
    static KeptLogIns of(List<DeviceState> devices, RotationPolicy policy, int most) {
        long inWaves = devices.stream().filter(device -> !device.canary).count();
        boolean oneWave = inWaves <= policy.waveSize();
        boolean atOnce = policy.overlap().isZero() && policy.deadMan().isEmpty();
        return new KeptLogIns(devices.size() <= most && oneWave && atOnce);
    }

    /** Takes a log-in over: to keep it, or to close it where nothing is kept. */
    void keep(DeviceState device, DeviceAccount.Session session) {
        DeviceAccount.Session unwanted = keeping ? sessions.put(device.device.id(), session) : session;
        if (unwanted != null) {
            unwanted.close();
        }
    }

    /** Gives a log-in that still stands, for the caller to close; empty where there is none. */
    Optional<DeviceAccount.Session> take(DeviceState device) {
        DeviceAccount.Session session = sessions.remove(device.device.id());
        if (session == null || session.connection().isOpen()) {
            return Optional.ofNullable(session);
        }
        session.close();
        return Optional.empty();
    }

    /** Closes all that were not taken, whatever becomes of one of them. */
    @Override
    public void close() {
        RuntimeException failure = null;
        for (String device : new ArrayList<>(sessions.keySet())) {
            try {
                Optional.ofNullable(sessions.remove(device)).ifPresent(DeviceAccount.Session::close);
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
