package io.keywright.testkit.simulation;

import io.keywright.rotation.KeyVersion;
import io.keywright.testkit.fleet.Account;
import io.keywright.testkit.fleet.ErrnoException;
import io.keywright.testkit.fleet.UserFiles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Those who write the same files and know nothing of our locks: people, configuration managements, restored backups. */
final class Others {
    private static final String FILE = ".ssh/authorized_keys";
    private static final String BESIDE = ".ssh/.others";

    private final World world;
    private final SplittableRandom random;
    private final Map<String, String> firstContents = new HashMap<>();
    private int lines;

    Others(World world, SplittableRandom random) {
        this.world = world;
        this.random = random;
        world.invariants.devices().values().forEach(truth -> firstContents.put(truth.id(), text(truth.account())));
    }

    /** What somebody does to a file. */
    private enum Deed {
        APPEND,
        REWRITE,
        RESTORE,
        REMOVE_OURS
    }

    /** Does something to a device's file, in the file itself or with a new one in its place. */
    void act(String device) {
        Deed deed = random.nextInt(3) == 0 ? Deed.APPEND : Deed.values()[random.nextInt(Deed.values().length)];
        boolean rename = deed != Deed.APPEND && random.nextBoolean();
        world.schedule.decided("others: " + deed + (rename ? " by rename on " : " on ") + device);
        DeviceTruth truth = world.invariants.device(device);
        world.invariants.others(device, () -> write(truth.account(), content(deed, truth), rename));
    }

    private String content(Deed deed, DeviceTruth truth) {
        String now = text(truth.account());
        String line = "# note " + ++lines;
        return switch (deed) {
            case APPEND -> now + (now.isEmpty() || now.endsWith("\n") ? "" : "\n") + line + "\n";
            case REWRITE -> line + "\n" + now;
            case RESTORE -> firstContents.getOrDefault(truth.id(), now);
            case REMOVE_OURS -> withoutOurs(now);
        };
    }

    /** Takes away the lines of one of our versions, or of all. */
    private String withoutOurs(String text) {
        List<KeyVersion> versions = world.invariants.stored().versions();
        int chosen = random.nextInt(versions.size() + 1);
        List<String> kept = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            boolean goes = false;
            for (int i = 0; i < versions.size(); i++) {
                goes |= (i == chosen || chosen == versions.size()) && line.contains(DeviceTruth.blob(versions.get(i)));
            }
            if (!goes) {
                kept.add(line);
            }
        }
        return String.join("\n", kept);
    }

    private static void write(Account account, String text, boolean rename) {
        UserFiles files = account.files();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            if (rename) {
                files.createExclusive(BESIDE, 0600, bytes);
                files.rename(BESIDE, FILE);
            } else {
                files.write(FILE, bytes);
            }
        } catch (ErrnoException diskFull) {
            if (files.exists(BESIDE)) {
                files.remove(BESIDE);
            }
        }
        account.device().fileSystem().sync();
    }

    private static String text(Account account) {
        return account.authorizedKeysText();
    }

    /** Repairs by hand what no engine can: a device that lets in nobody of ours, a file that nobody told us about. */
    void repair() {
        for (DeviceTruth truth : world.invariants.devices().values()) {
            Account account = truth.account();
            UserFiles root = account.device().files();
            if (root.exists(World.HIDDEN_FILE)) {
                world.invariants.others(truth.id(), () -> {
                    root.remove(World.HIDDEN_FILE);
                    account.device().fileSystem().sync();
                });
            }
            KeyVersion current = world.invariants.stored().current().orElseThrow();
            if (!world.invariants.usable(truth)) {
                world.schedule.decided("somebody lets version " + current.number() + " in on " + truth.id());
                world.invariants.others(truth.id(), () -> account.authorize(current.publicKey()));
            }
        }
    }
}
