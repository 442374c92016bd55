/**
 * Key objects of {@code net.i2p.crypto:eddsa} in and out: for applications in which other libraries hand them around.
 *
 * <pre>{@code
 * try (SshKeyPair pair = I2pKeys.keyPair(jcaPair)) {                 // halves of i2p, the JDK or Bouncy Castle
 *     SshSignature signature = pair.sign(message);                   // never with i2p's engine
 *     KeyPair forTheOtherLibrary = I2pKeys.toKeyPair(pair);
 * }
 * }</pre>
 *
 * <p>Key objects are converted and nothing else. The library's signature engine accepts signatures that others changed
 * (CVE-2020-36843) and is neither used nor registered.
 */
@NullMarked
package io.keywright.interop.eddsa;

import org.jspecify.annotations.NullMarked;
