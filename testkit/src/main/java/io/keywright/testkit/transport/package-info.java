/**
 * The tests that every transport must pass, whoever wrote it.
 *
 * <pre>{@code
 * class MyTransportTest extends OpenSshTransportContractTest {
 *     @Override
 *     protected SshTransport createTransport() {
 *         return MyTransport.create();
 *     }
 * }
 * }</pre>
 */
@NullMarked
package io.keywright.testkit.transport;

import org.jspecify.annotations.NullMarked;
