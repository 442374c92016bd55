package io.keywright.rotation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A named key, the account it logs in to, and the devices that accept it. Data only: the key itself is in a {@link
 * CredentialStore}.
 *
 * @param name {@code [A-Za-z0-9_-]{1,64}}
 * @param owner who answers for it; free text
 * @param user the remote account on devices that name no other
 * @param authenticateWith the credential whose key or password opens the connection for the change; empty for this one's
 *     own key
 * @param key what key it is to have
 * @param policy how the key is changed
 * @param devices where the key is accepted; ids are unique, at most one is the original
 */
public record Credential(
        String name,
        String owner,
        String user,
        Optional<String> authenticateWith,
        KeySpec key,
        RotationPolicy policy,
        List<Device> devices) {

    private static final String NAME = "[A-Za-z0-9_-]{1,64}";

    /** Checks the name, and that device ids are unique and at most one device is the original. */
    public Credential {
        requireName(name);
        authenticateWith.ifPresent(Credential::requireName);
        if (user.isBlank()) {
            throw new IllegalArgumentException("credential " + name + " needs a user");
        }
        devices = List.copyOf(devices);
        Set<String> ids = new HashSet<>();
        int originals = 0;
        for (Device device : devices) {
            if (!ids.add(device.id())) {
                throw new IllegalArgumentException(
                        "credential " + name + " has two devices with the id " + device.id());
            }
            originals += device.original() ? 1 : 0;
        }
        if (originals > 1) {
            throw new IllegalArgumentException("credential " + name + " has " + originals + " original devices");
        }
        if (authenticateWith.isPresent() && authenticateWith.get().equals(name)) {
            authenticateWith = Optional.empty();
        }
    }

    /**
     * Makes a credential that authenticates with its own key, under the default policy.
     *
     * @param name its name
     * @param user the remote account
     * @param devices where the key is accepted
     * @return the credential, with an Ed25519 key whose comment is the name
     */
    public static Credential of(String name, String user, List<Device> devices) {
        return new Credential(name, "", user, Optional.empty(), KeySpec.ed25519(name), RotationPolicy.DEFAULT, devices);
    }

    /**
     * Returns this credential under another policy.
     *
     * @param other the policy
     * @return a copy
     */
    public Credential withPolicy(RotationPolicy other) {
        return new Credential(name, owner, user, authenticateWith, key, other, devices);
    }

    /**
     * Returns this credential with another key specification.
     *
     * @param other what key it is to have
     * @return a copy
     */
    public Credential withKey(KeySpec other) {
        return new Credential(name, owner, user, authenticateWith, other, policy, devices);
    }

    /**
     * Returns this credential changed over connections that another credential opens.
     *
     * @param other the other credential's name
     * @return a copy
     */
    public Credential withAuthenticateWith(String other) {
        return new Credential(name, owner, user, Optional.of(other), key, policy, devices);
    }

    /**
     * Returns the account on a device.
     *
     * @param device one of this credential's devices
     * @return the device's own user, else the credential's
     */
    public String userOn(Device device) {
        return device.user().orElse(user);
    }

    /**
     * Returns the devices in the order of a rotation, which its policy says: the original first and the others by id, or as
     * they are listed.
     *
     * @return every device once
     */
    public List<Device> devicesInOrder() {
        if (policy.order() == RotationPolicy.Order.AS_LISTED) {
            return devices;
        }
        List<Device> ordered = new ArrayList<>(devices);
        ordered.sort(Comparator.comparing(Device::original).reversed().thenComparing(Device::id));
        return List.copyOf(ordered);
    }

    /**
     * Checks a credential's name.
     *
     * @param name the name
     * @throws IllegalArgumentException when it is not 1 to 64 letters, digits, {@code _} or {@code -}
     */
    public static void requireName(String name) {
        if (!name.matches(NAME)) {
            throw new IllegalArgumentException("a credential's name has 1 to 64 letters, digits, '_' or '-'");
        }
    }
}
