package io.keywright.testkit.fleet;

import io.keywright.transport.ExecResult;
import java.util.List;

/** The few commands that every simulated server has; words are split at blanks, there is no shell. */
final class BuiltInCommands {
    private BuiltInCommands() {}

    static ExecResult run(CommandCall call) {
        List<String> words = List.of(call.command().strip().split("\\s+"));
        String rest = words.size() < 2 ? "" : String.join(" ", words.subList(1, words.size()));
        return switch (words.get(0)) {
            case "true", ":" -> CommandHandler.exit(0, "", "");
            case "false" -> CommandHandler.exit(1, "", "");
            case "echo" -> CommandHandler.exit(0, rest + "\n", "");
            case "cat" -> rest.isEmpty() ? new ExecResult(0, null, call.stdin(), new byte[0]) : unknown(call.command());
            case "whoami" -> CommandHandler.exit(0, call.account().name() + "\n", "");
            case "hostname" -> CommandHandler.exit(0, call.account().device().host() + "\n", "");
            case "id" -> id(call, rest);
            case "restorecon" -> restoreContext(call, rest);
            default -> unknown(words.get(0));
        };
    }

    private static ExecResult id(CommandCall call, String option) {
        Account account = call.account();
        return switch (option) {
            case "-u" -> CommandHandler.exit(0, account.uid() + "\n", "");
            case "-g" -> CommandHandler.exit(0, account.gid() + "\n", "");
            case "-un" -> CommandHandler.exit(0, account.name() + "\n", "");
            default -> unknown("id " + option);
        };
    }

    /** Gives a file the SELinux type that sshd may read. */
    private static ExecResult restoreContext(CommandCall call, String path) {
        try {
            UserFiles files = call.account().files();
            files.fileSystem().setLabel(files.realPath(path), AuthorizedKeysCheck.READABLE_LABEL);
            return CommandHandler.exit(0, "", "");
        } catch (ErrnoException e) {
            return CommandHandler.exit(255, "", "restorecon: lstat(" + path + ") failed: " + e.errno() + "\n");
        }
    }

    private static ExecResult unknown(String command) {
        return CommandHandler.exit(127, "", "sh: 1: " + command + ": not found\n");
    }
}
