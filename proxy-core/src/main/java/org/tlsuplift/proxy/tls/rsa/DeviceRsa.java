package org.tlsuplift.proxy.tls.rsa;

import io.netty.handler.ssl.OpenSslPrivateKeyMethod;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.Labelled;

/**
 * The library that uses the RSA keys of the certificates for devices. Elliptic curves, and all RSA
 * of origins, stay with BoringSSL. Thread-safe.
 */
public final class DeviceRsa {
  private static final Logger log = LoggerFactory.getLogger(DeviceRsa.class);
  private static final DeviceRsa BORINGSSL = new DeviceRsa(null);

  private final @Nullable Libcrypto libcrypto;

  /** The libraries. */
  public enum Library implements Labelled {
    BORINGSSL,
    LIBCRYPTO
  }

  private DeviceRsa(@Nullable Libcrypto libcrypto) {
    this.libcrypto = libcrypto;
  }

  public static DeviceRsa boringSsl() {
    return BORINGSSL;
  }

  public static DeviceRsa by(Libcrypto libcrypto) {
    return new DeviceRsa(libcrypto);
  }

  public Library library() {
    return libcrypto == null ? Library.BORINGSSL : Library.LIBCRYPTO;
  }

  /**
   * The operations of libcrypto with this key; empty if BoringSSL itself uses the key.
   *
   * @param key null if it is unknown
   */
  public Optional<OpenSslPrivateKeyMethod> keyMethod(@Nullable PrivateKey key) {
    if (libcrypto == null || key == null || !key.getAlgorithm().equals("RSA")) {
      return Optional.empty();
    }
    try {
      return Optional.of(libcrypto.keyMethod(key));
    } catch (GeneralSecurityException refused) {
      log.atWarn()
          .addKeyValue("cause", refused.getMessage())
          .log("tls: libcrypto refuses an RSA key; BoringSSL uses it");
      return Optional.empty();
    }
  }
}
