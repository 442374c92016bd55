package io.keywright.cli;

import io.keywright.PassphraseRequiredException;
import io.keywright.SshKeyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line on standard error, and into the exit code. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private final Shell shell;
    private final Keywright root;

    Failures(Shell shell, Keywright root) {
        this.shell = shell;
        this.root = root;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        StringBuilder line = new StringBuilder(String.valueOf(e.getMessage()));
        if (e instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            if (!suggestions.isEmpty()) {
                line.append("; did you mean ").append(suggestions.get(0)).append('?');
            }
        }
        line.append(" (see ")
                .append(e.getCommandLine().getCommandSpec().qualifiedName())
                .append(" --help)");
        report(line.toString(), e, args);
        return Keywright.WRONG_USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine commandLine, ParseResult parsed) {
        if (e instanceof FileErrorsException errors) {
            errors.lines().forEach(line -> shell.err().println("keywright: " + Printable.line(line)));
            trace(e, root.debug);
        } else {
            boolean takesPassphrase = commandLine.getCommandSpec().findOption("--passphrase-file") != null;
            boolean wantsPassphrase = e instanceof PassphraseRequiredException && takesPassphrase;
            report(
                    describe(e) + (wantsPassphrase ? ": give --passphrase-file or --passphrase-env" : ""),
                    e,
                    root.debug);
        }
        return Keywright.FAILED;
    }

    private void report(String line, Exception e, String[] args) {
        // The flag may stand behind what could not be parsed.
        report(line, e, root.debug || List.of(args).contains("--debug"));
    }

    private void report(String line, Exception e, boolean debug) {
        shell.err().println("keywright: " + Printable.line(line));
        trace(e, debug);
    }

    private void trace(Exception e, boolean debug) {
        if (debug) {
            e.printStackTrace(shell.err());
        }
    }

    private static String describe(Exception e) {
        if (e instanceof SshKeyException || e instanceof CommandException) {
            return String.valueOf(e.getMessage());
        } else if (e instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return describe(unchecked.getCause());
        } else if (e instanceof IOException io) {
            return describe(io);
        }
        // What reaches this line is a mistake in this program; its message may be about anything, so it is not shown.
        return "this should not have happened (" + e.getClass().getSimpleName()
                + "): run the command again with --debug and report what it shows";
    }

    private static String describe(IOException e) {
        if (!(e instanceof FileSystemException file) || file.getFile() == null) {
            return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        } else if (e instanceof NoSuchFileException) {
            return file.getFile() + ": no such file or folder";
        } else if (e instanceof AccessDeniedException) {
            return file.getFile() + ": permission denied";
        } else if (e instanceof FileAlreadyExistsException) {
            return file.getFile() + " exists already: choose another name, or overwrite it with --force";
        } else if (e instanceof NotDirectoryException) {
            return file.getFile() + ": not a folder";
        }
        return file.getFile() + ": " + (file.getReason() == null ? "cannot be used" : file.getReason());
    }
}
