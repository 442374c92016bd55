package io.keywright.testkit.fleet;

/**
 * One remote call, or one local durable step, at which something may go wrong.
 *
 * @param number running number in the fleet, from 1, given when the step begins
 * @param process the process that asks, see {@link SimulatedProcess#name()}
 * @param device the id of the device asked, {@code "host:port"} where no device is at that address, {@code "-"} for a
 *     local step
 * @param user the remote account's name, {@code "-"} for a local step
 * @param verb what is asked
 * @param detail what it is about: paths, a fingerprint, a command or a local step's name; never a secret
 */
public record Step(long number, String process, String device, String user, Verb verb, String detail) {

    /** Returns one line, e.g. {@code "17 engine web-1/deploy POSIX_RENAME a -> b"}. */
    @Override
    public String toString() {
        return number + " " + process + " " + device + "/" + user + " " + verb + " " + detail;
    }
}
