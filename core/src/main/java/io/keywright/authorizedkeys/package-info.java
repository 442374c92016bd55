/**
 * The {@code authorized_keys} file of sshd(8) as text: lossless parsing, editing and permissions.
 *
 * <pre>{@code
 * AuthorizedKeys file = AuthorizedKeys.parse(bytes);
 * AuthorizedKeys next = file.replace(oldKey, newKey);     // options carried over, every other byte untouched
 * System.out.print(file.diff(next));
 *
 * for (Entry entry : next.find(newKey)) {
 *     System.out.println(entry.number() + " " + entry.usabilityAt(now).verdict());
 * }
 * byte[] written = next.setOption(newKey, KeyOption.of("from", "10.0.0.0/8")).toBytes();
 * }</pre>
 */
@NullMarked
package io.keywright.authorizedkeys;

import org.jspecify.annotations.NullMarked;
