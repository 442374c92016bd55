package io.keywright.testkit.simulation;

import io.keywright.rotation.KeyVersion;
import io.keywright.testkit.fleet.Account;
import io.keywright.testkit.fleet.UserFiles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is true about one account: which versions of the key it lets in, where their lines are, and which lines are not ours;
 * with who made it so. Read from the model of the machine, never from what an engine says.
 */
final class DeviceTruth {
    private final Account account;
    /** Every file that sshd reads for the account. */
    private final List<String> files;

    private long revision = -1;
    private List<Long> fileRevisions = List.of();
    private int versionsKnown;
    private final List<String> blobs = new ArrayList<>();

    /** The versions that are let in. */
    Set<Integer> admitted = Set.of();
    /** The versions that have a line, whether it lets them in or not. */
    Set<Integer> present = Set.of();
    /** The lines that are not ours, each after the number of its file. */
    List<String> others = List.of();

    /** The versions that somebody else, or a machine's stop, has taken away; until they are back. */
    final Set<Integer> taken = new HashSet<>();
    /** The versions that somebody else, or a machine's stop, has brought back; until they are gone. */
    final Set<Integer> brought = new HashSet<>();
    /** The versions that ever had a line. */
    final Set<Integer> everPresent = new HashSet<>();
    /** The versions that somebody else has ever brought. */
    final Set<Integer> everBrought = new HashSet<>();

    /** What somebody else has left that let in none of the stored keys: a stop of the machine may bring that back. */
    final Set<Lines> lockedOutByOthers = new HashSet<>();

    /** What the lines of others may be: more than one where their writer and an engine met in the same round trip. */
    Set<List<String>> allowed = new LinkedHashSet<>();
    /** What the lines of others ever were: a stop of the machine may bring that back. */
    final Set<List<String>> history = new HashSet<>();

    /** The step after which a version had no line any more. */
    final Map<Integer, Long> removedAt = new HashMap<>();

    /** The processes that may have compared the file and be about to replace it. */
    final Set<String> inRoundTrip = new HashSet<>();
    /** Whether somebody else wrote in one of these round trips. */
    boolean disputed;

    /**
     * What an account's files say.
     *
     * @param admitted the versions that are let in
     * @param others the lines that are not ours
     */
    record Lines(Set<Integer> admitted, List<String> others) {}

    DeviceTruth(Account account, List<String> files) {
        this.account = account;
        this.files = files;
    }

    String id() {
        return account.device().id();
    }

    Account account() {
        return account;
    }

    List<String> files() {
        return files;
    }

    Lines lines() {
        return new Lines(admitted, others);
    }

    boolean admitsAny(Set<Integer> versions) {
        return admitted.stream().anyMatch(versions::contains);
    }

    /** Looks again where something may have changed, and tells whether it did. */
    boolean look(List<KeyVersion> versions) {
        long now = account.device().fileSystem().revision();
        if (now == revision && versions.size() == versionsKnown) {
            return false;
        }
        revision = now;
        List<Long> nowFileRevisions =
                files.stream().map(account.device().fileSystem()::revision).toList();
        if (nowFileRevisions.equals(fileRevisions) && versions.size() == versionsKnown) {
            return false; // most changes are of locks and temporary files
        }
        fileRevisions = nowFileRevisions;
        versionsKnown = versions.size();
        versions.stream()
                .skip(blobs.size())
                .map(DeviceTruth::blob)
                .forEach(blobs::add); // versions are never taken away
        Set<Integer> nowPresent = new TreeSet<>();
        List<String> nowOthers = new ArrayList<>();
        UserFiles root = account.device().files();
        for (int file = 0; file < files.size(); file++) {
            if (root.exists(files.get(file))) {
                String text = new String(root.read(files.get(file)), StandardCharsets.ISO_8859_1);
                sort(text, file, versions, nowPresent, nowOthers);
            }
        }
        Set<Integer> nowAdmitted = new TreeSet<>();
        for (KeyVersion version : versions) {
            if (nowPresent.contains(version.number()) && account.admits(version.publicKey())) {
                nowAdmitted.add(version.number());
            }
        }
        boolean changed = !nowAdmitted.equals(admitted) || !nowPresent.equals(present) || !nowOthers.equals(others);
        admitted = nowAdmitted;
        present = nowPresent;
        others = nowOthers;
        everPresent.addAll(present);
        return changed;
    }

    private void sort(String text, int file, List<KeyVersion> versions, Set<Integer> present, List<String> others) {
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            String line = text.substring(start, end < 0 ? text.length() : end);
            start = end < 0 ? text.length() : end + 1;
            boolean ours = false;
            for (int i = 0; i < blobs.size(); i++) {
                if (line.contains(blobs.get(i)) && !line.startsWith("#")) {
                    present.add(versions.get(i).number());
                    ours = true;
                }
            }
            if (!ours) {
                others.add(file + ":" + line);
            }
        }
    }

    static String blob(KeyVersion version) {
        return version.publicKey().toLine().split(" ", 3)[1];
    }
}
