package io.keywright.testkit.fleet;

import io.keywright.Ed25519PublicKey;
import io.keywright.MalformedKeyException;
import io.keywright.SshPublicKey;
import io.keywright.transport.SshTransport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Servers in memory: a world that the code under test changes through {@link #transport()}, and that a test can ask what is
 * true. Thread-safe; with one thread and one seed, every run is the same.
 */
public final class InMemoryFleet {
    /** Entries of the trace kept unless set: enough to replay a failure, small beside a test's heap. */
    public static final int DEFAULT_TRACE_LIMIT = 100_000;

    /** Every second 32 bytes encode a point of Ed25519; more tries than this mean that something else is wrong. */
    private static final int MAX_POINT_TRIES = 200;

    private static final int SSH_PORT = 22;

    private final SettableClock clock;
    private final long seed;
    private final FaultPlan faults;
    private final Map<String, Device> devices = new ConcurrentSkipListMap<>();
    private final Map<String, Device> routes = new ConcurrentHashMap<>();
    private final AtomicLong steps = new AtomicLong();
    private final Deque<TraceEntry> trace = new ArrayDeque<>();
    private int traceLimit = DEFAULT_TRACE_LIMIT;
    private volatile Duration latency = Duration.ZERO;
    private volatile boolean verifiesSignatures = true;
    private volatile Consumer<TraceEntry> watcher = entry -> {};

    private InMemoryFleet(SettableClock clock, long seed) {
        this.clock = clock;
        this.seed = seed;
        this.faults = new FaultPlan(seed);
    }

    /**
     * Makes an empty fleet with a clock of its own.
     *
     * @param seed determines host keys and whatever happens by chance
     * @return a new fleet
     */
    public static InMemoryFleet seeded(long seed) {
        return seeded(seed, SettableClock.create());
    }

    /**
     * Makes an empty fleet.
     *
     * @param seed determines host keys and whatever happens by chance
     * @param clock true time; devices may be wrong about it
     * @return a new fleet
     */
    public static InMemoryFleet seeded(long seed, SettableClock clock) {
        return new InMemoryFleet(clock, seed);
    }

    /**
     * Returns the clock.
     *
     * @return the clock of the fleet, on which timeouts pass
     */
    public SettableClock clock() {
        return clock;
    }

    // --- devices ---

    /**
     * Adds a device that answers at its id, port 22, with a host key of its own.
     *
     * @param id its id, which is its host name too
     * @return the device
     * @throws IllegalArgumentException when there is such a device
     */
    public Device addDevice(String id) {
        return addDevice(id, id, SSH_PORT);
    }

    /**
     * Adds a device with a host key and a file system of its own.
     *
     * @param id its id in traces
     * @param host the host name or address at which it answers
     * @param port the port at which it answers
     * @return the device
     * @throws IllegalArgumentException when there is such a device, or another one answers there
     */
    public Device addDevice(String id, String host, int port) {
        return add(new Device(this, id, host, port, List.of(hostKey(id)), null));
    }

    /**
     * Adds a device that uses the disk of another: homes on a file server, for instance.
     *
     * @param id its id in traces
     * @param host the host name or address at which it answers
     * @param port the port at which it answers
     * @param shared the file system
     * @return the device
     * @throws IllegalArgumentException when there is such a device, or another one answers there
     */
    public Device addDevice(String id, String host, int port, PosixFileSystem shared) {
        return add(new Device(this, id, host, port, List.of(hostKey(id)), shared));
    }

    private Device add(Device device) {
        if (devices.putIfAbsent(device.id(), device) != null) {
            throw new IllegalArgumentException("there is a device " + device.id() + " already");
        }
        if (routes.putIfAbsent(address(device.host(), device.port()), device) != null) {
            devices.remove(device.id());
            throw new IllegalArgumentException("another device answers at " + device.host() + ":" + device.port());
        }
        return device;
    }

    /**
     * Returns a device.
     *
     * @param id its id
     * @return the device
     * @throws IllegalArgumentException when there is none
     */
    public Device device(String id) {
        Device device = devices.get(id);
        if (device == null) {
            throw new IllegalArgumentException("no device " + id);
        }
        return device;
    }

    /**
     * Returns all devices.
     *
     * @return the devices in order of their ids
     */
    public Collection<Device> devices() {
        return List.copyOf(devices.values());
    }

    /**
     * Makes a device answer at an address, beside where it answers already: an alias, or a virtual address that moves from one
     * machine to another. Connections that stand are not touched.
     *
     * @param host the host name or address
     * @param port the port
     * @param device who answers there from now on
     */
    public void route(String host, int port, Device device) {
        routes.put(address(host, port), device);
    }

    /**
     * Makes nobody answer at an address.
     *
     * @param host the host name or address
     * @param port the port
     */
    public void unroute(String host, int port) {
        routes.remove(address(host, port));
    }

    @Nullable
    Device answering(String host, int port) {
        return routes.get(address(host, port));
    }

    private static String address(String host, int port) {
        return host.toLowerCase(Locale.ROOT) + ":" + port;
    }

    /**
     * Makes a host key that depends on the seed and a name only. Nobody has its private half: host keys are shown here, and
     * never sign.
     *
     * @param name what it is for
     * @return an Ed25519 key
     */
    public SshPublicKey hostKey(String name) {
        SplittableRandom source = new SplittableRandom(seed * 31 + name.hashCode());
        byte[] point = new byte[Ed25519PublicKey.KEY_BYTES];
        for (int tries = 1; ; tries++) {
            source.nextBytes(point);
            try {
                return Ed25519PublicKey.of(point);
            } catch (MalformedKeyException notOnTheCurve) {
                if (tries >= MAX_POINT_TRIES) {
                    throw notOnTheCurve;
                }
            }
        }
    }

    // --- callers ---

    /**
     * Makes a transport of a new process named "client" at 127.0.0.1.
     *
     * @return the transport; the caller closes it
     */
    public SshTransport transport() {
        return process("client").transport();
    }

    /**
     * Starts a process at 127.0.0.1 that may call the fleet and be killed.
     *
     * @param name its name in traces; a process started again may have the same
     * @return the process
     */
    public SimulatedProcess process(String name) {
        return process(name, "127.0.0.1");
    }

    /**
     * Starts a process that may call the fleet and be killed.
     *
     * @param name its name in traces; a process started again may have the same
     * @param address the address from which servers see it connect
     * @return the process
     */
    public SimulatedProcess process(String name, String address) {
        return new SimulatedProcess(this, name, address);
    }

    // --- faults and what happened ---

    /**
     * Returns what goes wrong.
     *
     * @return the plan, to be added to at any time
     */
    public FaultPlan faults() {
        return faults;
    }

    /**
     * Lets the clock advance at every remote step.
     *
     * @param duration how much; zero unless set
     */
    public void setLatency(Duration duration) {
        latency = duration;
    }

    /**
     * Sets whether a log-in with a key really signs and verifies, as it does unless set. Without, a simulation is several
     * times faster, and a key pair that was closed still logs in.
     *
     * @param on whether signatures are made
     */
    public void setVerifiesSignatures(boolean on) {
        verifiesSignatures = on;
    }

    boolean verifiesSignatures() {
        return verifiesSignatures;
    }

    /**
     * Sets how many entries of the trace are kept, the latest.
     *
     * @param entries the most; 0 keeps none
     */
    public void setTraceLimit(int entries) {
        if (entries < 0) {
            throw new IllegalArgumentException("a trace cannot hold " + entries + " entries");
        }
        synchronized (trace) {
            traceLimit = entries;
            shorten();
        }
    }

    /**
     * Returns what happened.
     *
     * @return the latest steps that have ended, in the order in which they began
     */
    public List<TraceEntry> trace() {
        synchronized (trace) {
            return trace.stream()
                    .sorted(Comparator.comparingLong(entry -> entry.step().number()))
                    .toList();
        }
    }

    /**
     * Sets who sees every step as soon as it has ended, before its caller goes on.
     *
     * @param onStep is called on the thread that took the step; what it throws, the caller of the step gets
     */
    public void watch(Consumer<TraceEntry> onStep) {
        watcher = Objects.requireNonNull(onStep, "onStep");
    }

    /**
     * Returns how many steps have begun.
     *
     * @return the number of the latest step
     */
    public long stepCount() {
        return steps.get();
    }

    /**
     * Returns the connections that servers hold open.
     *
     * @return those of all devices, in order of the devices' ids
     */
    public List<OpenConnection> openConnections() {
        return devices.values().stream()
                .flatMap(device -> device.openConnections().stream())
                .toList();
    }

    Step begin(SimulatedProcess process, String device, String user, Verb verb, String detail) {
        if (verb != Verb.LOCAL && !latency.isZero()) {
            clock.advance(latency);
        }
        return new Step(steps.incrementAndGet(), process.name(), device, user, verb, detail);
    }

    void record(Step step, TraceEntry.Outcome outcome, Instant at) {
        TraceEntry entry = new TraceEntry(step, outcome, at);
        synchronized (trace) {
            trace.add(entry);
            shorten();
        }
        watcher.accept(entry);
    }

    private void shorten() {
        while (trace.size() > traceLimit) {
            trace.removeFirst();
        }
    }
}
