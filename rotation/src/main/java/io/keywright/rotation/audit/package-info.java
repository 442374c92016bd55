/**
 * Reading the {@code authorized_keys} files of a fleet, and saying about each key whose it is, how weak, how old and how free.
 *
 * <pre>{@code
 * AuditReport report = Audit.of(engine, store)
 *         .withListedKeys(ListedKeys.NONE.with(Path.of("/usr/share/ssh/blacklist.RSA-2048")))
 *         .withExecutor(executor, 16)
 *         .report(List.of(credential));
 * System.out.print(report.toText());
 * }</pre>
 *
 * <p>For large fleets, {@link io.keywright.rotation.audit.Audit#run} hands each account to a consumer as it comes, and {@link
 * io.keywright.rotation.audit.AuditResult#toJson} makes a line of it.
 */
@NullMarked
package io.keywright.rotation.audit;

import org.jspecify.annotations.NullMarked;
