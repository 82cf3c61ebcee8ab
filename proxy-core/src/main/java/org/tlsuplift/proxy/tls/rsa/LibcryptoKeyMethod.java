package org.tlsuplift.proxy.tls.rsa;

import io.netty.handler.ssl.OpenSslPrivateKeyMethod;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import javax.net.ssl.SSLEngine;

/** BoringSSL's private-key operations, by libcrypto. Runs on event loops, below a millisecond. */
final class LibcryptoKeyMethod implements OpenSslPrivateKeyMethod {
  private final NativeLibcrypto.Key key;

  LibcryptoKeyMethod(NativeLibcrypto.Key key) {
    this.key = key;
  }

  @Override
  public byte[] sign(SSLEngine engine, int signatureAlgorithm, byte[] input)
      throws GeneralSecurityException {
    return SignatureScheme.of(signatureAlgorithm).sign(key, input);
  }

  /**
   * Returns the whole block: BoringSSL checks its padding in constant time, and continues with a
   * random secret if it is wrong. So nothing here may depend on the block.
   */
  @Override
  public byte[] decrypt(SSLEngine engine, byte[] input) throws GeneralSecurityException {
    if (input.length != key.size()) {
      throw new InvalidKeyException(
          "the device's encrypted secret has %d bytes; the key has %d"
              .formatted(input.length, key.size()));
    }
    return key.decrypt(input);
  }
}
