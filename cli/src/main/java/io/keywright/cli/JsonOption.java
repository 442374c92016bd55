package io.keywright.cli;

import picocli.CommandLine.Option;

/** Whether facts are printed for a program instead of a person. */
final class JsonOption {
    @Option(names = "--json", description = "Print JSON.")
    boolean wanted;
}
