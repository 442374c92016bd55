package io.keywright.rotation;

import io.keywright.rotation.RotationState.DeviceState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Devices that stand for one file: an alias, a virtual address, a home on a file server. What gives them away is a device
 * where the new key was there before it was added. Whose file it is cannot be asked: it is taken for that of the devices with
 * the same host key and account; where there are none, of those that had the same content under the same path; and where
 * something else has written meanwhile and there are none of these either, of all that have the path.
 */
final class SharedFiles {
    private final Map<DeviceState, DeviceState> parents = new LinkedHashMap<>();
    private final Map<DeviceState, List<DeviceState>> groups = new HashMap<>();
    private final Set<List<DeviceState>> joined = Collections.newSetFromMap(new IdentityHashMap<>());

    SharedFiles(RotationState state) {
        List<DeviceState> betrayed =
                state.members().stream().filter(device -> device.wasThere).toList();
        if (betrayed.isEmpty()) {
            return;
        }
        Map<String, List<DeviceState>> byMachine = new HashMap<>();
        Map<String, List<DeviceState>> byContent = new HashMap<>();
        Map<String, List<DeviceState>> byPath = new HashMap<>();
        for (DeviceState device : state.members()) {
            if (device.mayHoldNew) {
                device.hostKey.ifPresent(key -> byMachine
                        .computeIfAbsent(device.user + " " + key.fingerprint(), any -> new ArrayList<>())
                        .add(device));
                device.files.forEach((path, digest) -> {
                    String place = device.user + " " + path;
                    byPath.computeIfAbsent(place, any -> new ArrayList<>()).add(device);
                    byContent
                            .computeIfAbsent(place + " " + digest, any -> new ArrayList<>())
                            .add(device);
                });
            }
        }
        for (DeviceState device : betrayed) {
            List<DeviceState> same = device.hostKey
                    .map(key -> byMachine.getOrDefault(device.user + " " + key.fingerprint(), List.of()))
                    .orElse(List.of());
            if (same.size() > 1) {
                joinAll(same);
            } else {
                device.files.forEach((path, digest) -> {
                    String place = device.user + " " + path;
                    List<DeviceState> alike = byContent.getOrDefault(place + " " + digest, List.of());
                    joinAll(alike.size() > 1 ? alike : byPath.getOrDefault(place, List.of()));
                });
            }
        }
        Map<DeviceState, List<DeviceState>> members = new LinkedHashMap<>();
        for (DeviceState device : parents.keySet()) {
            members.computeIfAbsent(root(device), any -> new ArrayList<>()).add(device);
        }
        members.values().forEach(group -> group.forEach(device -> groups.put(device, group)));
    }

    /** The devices that stand for the same file as one does, itself included; empty when it stands for its own. */
    List<DeviceState> with(DeviceState device) {
        return groups.getOrDefault(device, List.of());
    }

    private void joinAll(List<DeviceState> devices) {
        if (!joined.add(devices)) {
            return;
        }
        for (DeviceState device : devices) {
            parents.putIfAbsent(device, device);
            DeviceState first = root(devices.get(0));
            DeviceState other = root(device);
            parents.put(other, first);
        }
    }

    private DeviceState root(DeviceState device) {
        DeviceState root = device;
        while (true) {
            DeviceState parent = parents.getOrDefault(root, root);
            if (parent == root) {
                return root;
            }
            root = parent;
        }
    }
}
