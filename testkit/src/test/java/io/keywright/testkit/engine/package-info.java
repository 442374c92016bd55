/**
 * Tests of the rotation engine against the in-memory fleet.
 *
 * <p>What really goes wrong, and the test that has it happen. "Simulated" means {@code RandomSimulationTest}, where it strikes
 * at any step, with every invariant checked after it.
 *
 * <table>
 *   <caption>Failures of the field</caption>
 *   <tr><td>1 no final newline</td><td>{@code World}'s files; simulated</td></tr>
 *   <tr><td>2 another entry's options mangled</td><td>{@code World}'s files; simulated, byte for byte</td></tr>
 *   <tr><td>3 truncate, then crash; 4 partial write</td><td>simulated: torn writes, full disks, other writers</td></tr>
 *   <tr><td>5 byte order mark, UTF-16</td><td>{@code FieldFailuresTest}; {@code core}'s {@code LosslessTest}</td></tr>
 *   <tr><td>6 unknown option</td><td>{@code World}'s files; simulated</td></tr>
 *   <tr><td>7 owner, group-writable home</td><td>{@code LogInTest}, {@code RemoteEditingContractTest}: modes that sshd refuses</td></tr>
 *   <tr><td>8 SELinux context</td><td>{@code LogInTest}, {@code EditingUnderSelinuxTest} in {@code transport-sshd}</td></tr>
 *   <tr><td>9 also in authorized_keys2</td><td>{@code RotationEngineTest}; simulated</td></tr>
 *   <tr><td>10 same blob twice, the first {@code from=} failing</td><td>{@code FieldFailuresTest}; simulated</td></tr>
 *   <tr><td>11 an old session still works</td><td>{@code FieldFailuresTest}</td></tr>
 *   <tr><td>12 concurrent writers; 13 rewritten between add and verify</td><td>{@code RotationEngineTest}; simulated</td></tr>
 *   <tr><td>14 a second rotation after one that never landed</td><td>{@code RollBackTest.Again}; simulated</td></tr>
 *   <tr><td>15 old key retired before roll-out</td><td>{@code PlantedBugTest}, destroyed too early</td></tr>
 *   <tr><td>16 host down in the middle</td><td>{@code RotationEngineTest}; simulated</td></tr>
 *   <tr><td>17 crash between promote and removal</td><td>{@code RotationCrashTest}, {@code SimulationTest}</td></tr>
 *   <tr><td>18 a device joins or leaves in between</td><td>{@code FieldFailuresTest.Membership}, {@code MembershipTest}</td></tr>
 *   <tr><td>19 MaxAuthTries, penalties</td><td>{@code RotationEngineTest}, {@code FieldFailuresTest}; simulated</td></tr>
 *   <tr><td>20 the file is not where sshd looks</td><td>{@code RotationEngineTest}; simulated: a hidden file</td></tr>
 *   <tr><td>21 host key changed</td><td>{@code RotationEngineTest}; simulated</td></tr>
 *   <tr><td>22 zombie worker</td><td>{@code SimulationTest}, every pair with a crash; simulated</td></tr>
 *   <tr><td>23 hidden consumers of the old key</td><td>{@code SharedThingsTest}, {@code RolloutTest.Overlap}</td></tr>
 *   <tr><td>24 disk full, read-only, quota, root-squash</td><td>{@code FieldFailuresTest.Disk}; simulated: disk full</td></tr>
 *   <tr><td>25 clock skew with {@code expiry-time}</td><td>{@code FieldFailuresTest}; simulated: clocks that are wrong</td></tr>
 *   <tr><td>26 lost after the request; 27 hang</td><td>{@code RotationEngineTest}; simulated</td></tr>
 *   <tr><td>28 sudo asks</td><td>{@code PrivilegedEditingTest} in {@code transport-sshd}</td></tr>
 *   <tr><td>29 forced command</td><td>{@code RotationEngineTest.OtherCredential}</td></tr>
 *   <tr><td>30 reboot after rename, before it was durable</td><td>{@code FieldFailuresTest.Disk}; simulated: reboots, power failures</td></tr>
 * </table>
 */
@org.jspecify.annotations.NullMarked
package io.keywright.testkit.engine;
