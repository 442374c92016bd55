package io.keywright.authorizedkeys;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Applies options from left to right, as sshd(8) does, with the rule of each for standing more than once. */
final class PermissionsReader {
    /** OpenSSH's own bounds on options that may be repeated. */
    private static final int MAX_ENVIRONMENT = 1024;

    private static final int MAX_PERMITS = 4096;

    private boolean pty = true;
    private boolean portForwarding = true;
    private boolean agentForwarding = true;
    private boolean x11Forwarding = true;
    private boolean userRc = true;
    private boolean touchRequired = true;
    private boolean verifyRequired;
    private boolean certAuthority;
    private @Nullable String command;
    private @Nullable String from;
    private @Nullable String principals;
    private @Nullable String tunnel;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<ExpiryTime> expiryTimes = new ArrayList<>();
    private final List<String> permitOpen = new ArrayList<>();
    private final List<String> permitListen = new ArrayList<>();
    private @Nullable String problem;
    private boolean unknownOption;

    PermissionsReader read(List<KeyOption> options) {
        for (KeyOption option : options) {
            problem = option.problem().orElse(null);
            unknownOption = option.isUnknown();
            if (problem == null) {
                apply(option);
            }
            if (problem != null) {
                return this;
            }
        }
        return this;
    }

    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    boolean stoppedAtUnknownOption() {
        return unknownOption;
    }

    Optional<EffectivePermissions> permissions() {
        if (problem != null) {
            return Optional.empty();
        }
        return Optional.of(new EffectivePermissions(
                pty,
                portForwarding,
                agentForwarding,
                x11Forwarding,
                userRc,
                touchRequired,
                verifyRequired,
                certAuthority,
                Optional.ofNullable(command),
                Optional.ofNullable(from),
                Optional.ofNullable(principals),
                environment,
                expiryTimes,
                permitOpen,
                permitListen,
                Optional.ofNullable(tunnel)));
    }

    private void apply(KeyOption option) {
        String name = option.name();
        String value = option.valueText();
        boolean on = !name.startsWith("no-");
        switch (OptionGrammar.positive(name)) {
            case "restrict" -> restrict();
            case "cert-authority" -> certAuthority = true;
            case "pty" -> pty = on;
            case "port-forwarding" -> portForwarding = on;
            case "agent-forwarding" -> agentForwarding = on;
            case "x11-forwarding" -> x11Forwarding = on;
            case "user-rc" -> userRc = on;
            case "touch-required" -> touchRequired = on;
            case "verify-required" -> verifyRequired = on;
            case "command" -> command = once(name, command, value);
            case "from" -> from = once(name, from, value);
            case "principals" -> principals = once(name, principals, value);
            case "tunnel" -> tunnel = OptionGrammar.tunnelDevice(value).orElse(value);
            case "environment" -> addEnvironment(value);
            case "expiry-time" -> ExpiryTime.parse(value).ifPresent(expiryTimes::add);
            case "permitopen" -> addPermit(permitOpen, value);
            case "permitlisten" -> addPermit(permitListen, value.indexOf(':') < 0 ? "*:" + value : value);
            default -> throw new AssertionError("an option that the grammar knows and nobody applies");
        }
    }

    private void restrict() {
        pty = false;
        portForwarding = false;
        agentForwarding = false;
        x11Forwarding = false;
        userRc = false;
    }

    private String once(String name, @Nullable String before, String value) {
        if (before != null) {
            problem = name + " stands more than once";
        }
        return value;
    }

    private void addEnvironment(String assignment) {
        int equals = assignment.indexOf('=');
        environment.putIfAbsent(assignment.substring(0, equals), assignment.substring(equals + 1));
        if (environment.size() > MAX_ENVIRONMENT + 1) {
            problem = "more environment variables than sshd accepts";
        }
    }

    private void addPermit(List<String> permits, String value) {
        permits.add(value);
        if (permits.size() > MAX_PERMITS + 1) {
            problem = "more permitopen or permitlisten than sshd accepts";
        }
    }
}
