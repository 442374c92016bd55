package io.keywright.testkit.fleet;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.authorizedkeys.EffectivePermissions;
import io.keywright.authorizedkeys.Entry;
import io.keywright.testkit.fleet.PathWalk.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decides about a public key as sshd does (OpenSSH 9.9: auth2-pubkey.c, auth2-pubkeyfile.c, and safe_path of misc.c; Debian's user-group-modes.patch).
 *
 * <p>The files are read in the order of {@code AuthorizedKeysFile}, with the rights of the user; a file that is missing, not
 * regular or, under StrictModes, not safe is passed over as a whole. In a file, each line with the key's blob is tried until
 * one admits it; a line whose options cannot be parsed, or whose conditions fail, is passed over alone.
 */
final class AuthorizedKeysCheck {
    /** The SELinux type that a confined sshd may read. */
    static final String READABLE_LABEL = "ssh_home_t";

    private static final Pattern TOKEN = Pattern.compile("%.?");
    private static final int GROUP_WRITE = 020;
    private static final int GROUP_OR_WORLD_WRITE = 022;

    private final Account account;
    private final SshdConfig config;
    private final SshPublicKey key;
    private final String address;
    private final Instant now;
    /** Groups that may write; worked out before the disk is locked. */
    private final Set<Integer> ownGroups;

    private final List<String> passedOver = new ArrayList<>();

    private AuthorizedKeysCheck(Account account, SshdConfig config, SshPublicKey key, String address) {
        this.account = account;
        this.config = config;
        this.key = key;
        this.address = address;
        this.now = account.device().clock().instant();
        this.ownGroups = config.privateGroups() ? account.privateGroups() : Set.of();
    }

    static LogInDecision decide(Account account, SshdConfig config, SshPublicKey key, String address) {
        if (!config.pubkeyAuthentication()) {
            return LogInDecision.refused("public key authentication is off");
        } else if (account.isLocked()) {
            return LogInDecision.refused("the account is locked");
        } else if (!config.keyAlgorithms().contains(key.algorithm())) {
            return LogInDecision.refused("the server does not accept " + key.algorithm() + " keys");
        } else if (config.revokedKeys().contains(key)) {
            return LogInDecision.refused("the key is revoked");
        }
        return new AuthorizedKeysCheck(account, config, key, address).searchFiles();
    }

    /** Expands {@code AuthorizedKeysFile} for an account. */
    static List<String> paths(Account account) {
        return account.device().config().authorizedKeysFiles().stream()
                .filter(pattern -> !pattern.equalsIgnoreCase("none"))
                .map(pattern -> expand(pattern, account))
                .toList();
    }

    private static String expand(String pattern, Account account) {
        Matcher token = TOKEN.matcher(pattern);
        String path = token.replaceAll(found -> Matcher.quoteReplacement(
                switch (found.group()) {
                    case "%h" -> account.home();
                    case "%u" -> account.name();
                    case "%U" -> String.valueOf(account.uid());
                    case "%%" -> "%";
                    default -> throw new IllegalArgumentException("AuthorizedKeysFile has no token " + found.group());
                }));
        return path.startsWith("/") ? path : account.home() + "/" + path;
    }

    private LogInDecision searchFiles() {
        for (String path : paths(account)) {
            Optional<LogInDecision> decision = open(path).flatMap(content -> searchLines(content, path));
            if (decision.isPresent()) {
                return decision.get();
            }
        }
        Optional<LogInDecision> decision = config.authorizedKeysCommand()
                .flatMap(command -> searchLines(command.apply(account.name()), "AuthorizedKeysCommand"));
        return decision.orElseGet(() ->
                LogInDecision.refused(passedOver.isEmpty() ? "the key is in no file" : String.join("; ", passedOver)));
    }

    /** Reads a file as the user, or says why sshd does not. */
    private Optional<byte[]> open(String path) {
        UserFiles files = account.files();
        synchronized (files.fileSystem()) {
            try {
                Place place = files.walk(path, true);
                Inode node = place.node();
                String problem;
                if (node == null) {
                    problem = "is missing";
                } else if (!files.mayRead(node)) {
                    problem = "cannot be read by the user";
                } else if (config.seLinux() && !READABLE_LABEL.equals(node.label)) {
                    problem = "has the SELinux type " + node.label;
                } else if (!node.isRegular()) {
                    problem = "is not a regular file";
                } else {
                    problem = config.strictModes() ? unsafe(place, node, files) : "";
                    if (problem.isEmpty()) {
                        return Optional.of(node.content);
                    }
                }
                passedOver.add(path + " " + problem);
            } catch (ErrnoException e) {
                passedOver.add(path + " cannot be opened: " + e.errno());
            }
            return Optional.empty();
        }
    }

    /** Checks the file and each directory above it, up to the home or the root. */
    private String unsafe(Place place, Inode file, UserFiles files) {
        if (others(file)) {
            return "has bad ownership or modes";
        }
        String home = files.exists(account.home()) ? files.realPath(account.home()) : "";
        String directory = place.canonical();
        List<Inode> above = place.above();
        for (int i = above.size() - 1; i >= 0; i--) {
            directory = directory.substring(0, Math.max(directory.lastIndexOf('/'), i == 0 ? 1 : 0));
            if (others(above.get(i))) {
                return "has bad ownership or modes for directory " + directory;
            }
            if (directory.equals(home)) {
                break;
            }
        }
        return "";
    }

    /** Tells whether anybody but the user and root owns it or may write to it. */
    private boolean others(Inode node) {
        int trusted = ownGroups.contains(node.gid) ? GROUP_WRITE : 0;
        return (node.uid != 0 && node.uid != account.uid()) || (node.mode & GROUP_OR_WORLD_WRITE & ~trusted) != 0;
    }

    private Optional<LogInDecision> searchLines(byte[] content, String path) {
        for (Entry entry : AuthorizedKeys.parse(content).find(key)) {
            String line = path + ":" + entry.number();
            Optional<EffectivePermissions> permissions = entry.permissions();
            Optional<String> problem =
                    permissions.isEmpty() ? Optional.of("has bad options") : obstacle(permissions.get());
            if (problem.isEmpty()) {
                return Optional.of(new LogInDecision(true, permissions.get().command(), line + " admits it"));
            }
            passedOver.add(line + " " + problem.get());
        }
        return Optional.empty();
    }

    private Optional<String> obstacle(EffectivePermissions permissions) {
        if (permissions.certAuthority()) {
            return Optional.of("is a certificate authority");
        } else if (permissions.principals().isPresent()) {
            return Optional.of("has principals and is no certificate authority");
        } else if (!permissions.admits(address)) {
            return Optional.of("does not admit " + address);
        }
        return permissions
                .expiry(config.zone())
                .filter(expiry -> expiry.getEpochSecond() < now.getEpochSecond())
                .map(expiry -> "expired at " + expiry);
    }
}
