package io.keywright.testkit.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where a key stands and how the files are, and whether sshd then admits it: once for the model, once for a real sshd.
 *
 * @param name what it shows
 * @param setUp makes the files; the home is 0755 and the account's own, and empty
 * @param admitted what sshd decides
 */
record FileCase(String name, Consumer<Ground> setUp, boolean admitted) {

    /** Somebody's home on some server. Paths are relative to the home; "." is the home itself. */
    interface Ground {
        /** Who owns a file. */
        enum Owner {
            ACCOUNT,
            ROOT,
            STRANGER
        }

        /** Makes a directory of the account's. */
        void directory(String path, int mode);

        /** Makes a file of the account's that holds the key. */
        void keyFile(String path, int mode);

        void mode(String path, int mode);

        void owner(String path, Owner owner);

        /** Gives a file to a group that others may be in. */
        void shareWithGroup(String path);

        void link(String target, String path);

        void fifo(String path);
    }

    static List<FileCase> all() {
        List<FileCase> cases = new ArrayList<>();
        modes(cases);
        owners(cases);
        places(cases);
        return List.copyOf(cases);
    }

    /** What Debian and Ubuntu allow and OpenSSH's own sources do not: writing by the user's own group. */
    static List<FileCase> privateGroups(boolean allowed) {
        List<FileCase> cases = new ArrayList<>();
        for (String path : List.of(".ssh/authorized_keys", ".ssh", ".")) {
            add(cases, path + " writable by the user's own group", allowed, ground -> {
                usual(ground);
                ground.mode(path, path.endsWith("keys") ? 0660 : 0770);
            });
            add(cases, path + " writable by everybody", false, ground -> {
                usual(ground);
                ground.mode(path, path.endsWith("keys") ? 0666 : 0777);
            });
        }
        return List.copyOf(cases);
    }

    private static void add(List<FileCase> cases, String name, boolean admitted, Consumer<Ground> setUp) {
        cases.add(new FileCase(name, setUp, admitted));
    }

    private static void usual(Ground ground) {
        ground.directory(".ssh", 0700);
        ground.keyFile(".ssh/authorized_keys", 0600);
    }

    private static void modes(List<FileCase> cases) {
        add(cases, "0700 and 0600", true, FileCase::usual);
        for (int mode : new int[] {0400, 0644, 0640, 0755, 04600}) {
            add(cases, "file 0" + Integer.toOctalString(mode), true, ground -> {
                usual(ground);
                ground.mode(".ssh/authorized_keys", mode);
            });
        }
        for (int mode : new int[] {0660, 0620, 0606, 0602, 0777}) {
            add(cases, "file 0" + Integer.toOctalString(mode), false, ground -> {
                usual(ground);
                ground.shareWithGroup(".ssh/authorized_keys");
                ground.mode(".ssh/authorized_keys", mode);
            });
        }
        add(cases, "file that its owner cannot read", false, ground -> {
            usual(ground);
            ground.mode(".ssh/authorized_keys", 0200);
        });
        add(cases, ".ssh 0755", true, ground -> {
            usual(ground);
            ground.mode(".ssh", 0755);
        });
        add(cases, ".ssh 0770", false, ground -> {
            usual(ground);
            ground.shareWithGroup(".ssh");
            ground.mode(".ssh", 0770);
        });
        add(cases, ".ssh that its owner cannot search", false, ground -> {
            usual(ground);
            ground.mode(".ssh", 0600);
        });
        add(cases, "home 0775", false, ground -> {
            usual(ground);
            ground.shareWithGroup(".");
            ground.mode(".", 0775);
        });
        add(cases, "home 0757", false, ground -> {
            usual(ground);
            ground.mode(".", 0757);
        });
        add(cases, "home 0700", true, ground -> {
            usual(ground);
            ground.mode(".", 0700);
        });
    }

    private static void owners(List<FileCase> cases) {
        add(cases, "file of root's, 0644", true, ground -> {
            usual(ground);
            ground.mode(".ssh/authorized_keys", 0644);
            ground.owner(".ssh/authorized_keys", Ground.Owner.ROOT);
        });
        add(cases, "file of root's, 0600: the user cannot read it", false, ground -> {
            usual(ground);
            ground.owner(".ssh/authorized_keys", Ground.Owner.ROOT);
        });
        add(cases, "file of a stranger's", false, ground -> {
            usual(ground);
            ground.mode(".ssh/authorized_keys", 0644);
            ground.owner(".ssh/authorized_keys", Ground.Owner.STRANGER);
        });
        add(cases, ".ssh of root's", true, ground -> {
            usual(ground);
            ground.mode(".ssh", 0755);
            ground.owner(".ssh", Ground.Owner.ROOT);
        });
        add(cases, ".ssh of a stranger's", false, ground -> {
            usual(ground);
            ground.mode(".ssh", 0755);
            ground.owner(".ssh", Ground.Owner.STRANGER);
        });
        add(cases, "home of root's", true, ground -> {
            usual(ground);
            ground.owner(".", Ground.Owner.ROOT);
        });
        add(cases, "home of a stranger's", false, ground -> {
            usual(ground);
            ground.owner(".", Ground.Owner.STRANGER);
        });
    }

    private static void places(List<FileCase> cases) {
        add(cases, "nothing there", false, ground -> {});
        add(cases, "authorized_keys2 only", true, ground -> {
            ground.directory(".ssh", 0700);
            ground.keyFile(".ssh/authorized_keys2", 0600);
        });
        add(cases, "the first file unsafe, the second safe", true, ground -> {
            usual(ground);
            ground.mode(".ssh/authorized_keys", 0666);
            ground.keyFile(".ssh/authorized_keys2", 0600);
        });
        add(cases, "a file that sshd does not look at", false, ground -> {
            ground.directory(".ssh", 0700);
            ground.keyFile(".ssh/authorized_keys3", 0600);
        });
        add(cases, "a directory", false, ground -> {
            ground.directory(".ssh", 0700);
            ground.directory(".ssh/authorized_keys", 0700);
        });
        add(cases, "a FIFO", false, ground -> {
            ground.directory(".ssh", 0700);
            ground.fifo(".ssh/authorized_keys");
        });
        add(cases, "a link within the home", true, ground -> {
            ground.directory(".ssh", 0700);
            ground.directory("keys", 0755);
            ground.keyFile("keys/mine", 0600);
            ground.link("../keys/mine", ".ssh/authorized_keys");
        });
        add(cases, "a link into a group-writable directory", false, ground -> {
            ground.directory(".ssh", 0700);
            ground.directory("keys", 0775);
            ground.keyFile("keys/mine", 0600);
            ground.link("../keys/mine", ".ssh/authorized_keys");
            ground.shareWithGroup("keys");
            ground.mode("keys", 0775);
        });
        add(cases, "a link out of a group-writable .ssh: only the real path counts", true, ground -> {
            ground.directory(".ssh", 0770);
            ground.directory("keys", 0755);
            ground.keyFile("keys/mine", 0600);
            ground.link("../keys/mine", ".ssh/authorized_keys");
            ground.shareWithGroup(".ssh");
            ground.mode(".ssh", 0770);
        });
        add(cases, ".ssh is a link", true, ground -> {
            ground.directory("elsewhere", 0700);
            ground.keyFile("elsewhere/authorized_keys", 0600);
            ground.link("elsewhere", ".ssh");
        });
        add(cases, "a link to nowhere", false, ground -> {
            ground.directory(".ssh", 0700);
            ground.link("nowhere", ".ssh/authorized_keys");
        });
        add(cases, "a link to itself", false, ground -> {
            ground.directory(".ssh", 0700);
            ground.link("authorized_keys", ".ssh/authorized_keys");
        });
    }

    /** The name alone: it stands in reports. */
    @Override
    public String toString() {
        return name;
    }
}
