package org.tlsuplift.proxy.ca;

import java.security.KeyPair;
import java.time.Clock;
import java.util.List;
import org.tlsuplift.proxy.tls.Leaf;

/** Leaves that share one key. */
final class Leaves {
  /** Made once, because it takes hundreds of milliseconds. */
  static final KeyPair KEY = KeyAlgorithm.RSA_2048.generate();

  private Leaves() {}

  static Leaf leaf(IssuingCa ca, String... names) {
    return new LocalCertificateAuthority(
            ca, LeafSettings.defaults(), Runnable::run, () -> {}, KEY, Clock.systemUTC())
        .leafFor(List.of(names))
        .toCompletableFuture()
        .join();
  }

  /** Signs any names, as a thief of the key could. */
  static Leaf leafPastConstraints(IssuingCa ca, String... names) throws Exception {
    return new LeafMint(ca, LeafSettings.defaults(), KEY, Clock.systemUTC())
        .mint(new LeafNames(List.of(names)))
        .leaf();
  }
}
