package io.keywright.rotation;

import java.util.ArrayList;
import java.util.List;

/**
 * As whom a script runs: a prefix of the command line. The account's name is in the command line only when it has none but
 * letters, digits, dots, underscores and hyphens.
 *
 * @param command starts a POSIX shell whose command is the argument that follows
 * @param account whose files are meant, where the script does not run as that user; else empty
 * @param description for people, e.g. {@code "sudo as deploy"}
 */
record RunAs(String command, String account, String description) {

    /** As the user that is logged in. */
    static final RunAs SELF = new RunAs("exec sh -c", "", "the user that is logged in");

    /** The ways to another account's files, the one that can do least first; none to one whose name fits no command line. */
    static List<RunAs> to(String account, boolean isRoot) {
        List<RunAs> ways = new ArrayList<>();
        if (!account.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")) {
            return ways;
        }
        if (isRoot) {
            // Whatever the account's login shell is, and it may well be none.
            ways.add(new RunAs("exec su -s /bin/sh " + account + " -c", "", "root as " + account));
            ways.add(new RunAs("exec sh -c", account, "root for " + account));
        } else {
            ways.add(new RunAs("exec sudo -n -H -u " + account + " -- sh -c", "", "sudo as " + account));
            ways.add(new RunAs("exec sudo -n -H -- sh -c", account, "sudo as root for " + account));
        }
        return ways;
    }
}
