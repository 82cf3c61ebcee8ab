package org.tlsuplift.proxy.tls.rsa;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.handler.ssl.OpenSslPrivateKeyMethod;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * RSA by the libcrypto of OpenSSL 3 that the system has. On processors with AVX512-IFMA it needs
 * less than half of BoringSSL's time. Thread-safe.
 */
public final class Libcrypto {
  /** The first Java release that can call native functions without JNI. */
  static final int FIRST_JAVA = 22;

  private static final String NATIVE = "org.tlsuplift.proxy.tls.rsa.ForeignLibcrypto";

  private final NativeLibcrypto library;

  /**
   * One copy for each key, which many leaves share. TLS contexts refer to it; it is freed after the
   * last of them.
   */
  private final Cache<PrivateKey, NativeLibcrypto.Key> keys =
      Caffeine.newBuilder().weakKeys().weakValues().executor(Runnable::run).build();

  Libcrypto(NativeLibcrypto library) {
    this.library = library;
  }

  /** The result of loading, which is the same for the whole life of the process. */
  private record Loaded(
      @Nullable Libcrypto library, @Nullable LibcryptoUnavailableException failure) {
    private static final Loaded ONCE = of();

    private static Loaded of() {
      try {
        return new Loaded(new Libcrypto(SelfCheck.passed(find())), null);
      } catch (LibcryptoUnavailableException unavailable) {
        return new Loaded(null, unavailable);
      }
    }
  }

  /**
   * Loads the library at the first call, and tries all its operations.
   *
   * @throws LibcryptoUnavailableException if this process cannot use it
   */
  public static Libcrypto load() throws LibcryptoUnavailableException {
    if (Loaded.ONCE.library() == null) {
      throw Objects.requireNonNull(Loaded.ONCE.failure());
    }
    return Loaded.ONCE.library();
  }

  static NativeLibcrypto find() throws LibcryptoUnavailableException {
    int java = Runtime.version().feature();
    if (java < FIRST_JAVA) {
      throw new LibcryptoUnavailableException(
          "Java " + java + " cannot call it", "use Java " + FIRST_JAVA + " or later");
    }
    try {
      return Class.forName(NATIVE)
          .asSubclass(NativeLibcrypto.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ClassNotFoundException notBuilt) {
      throw new LibcryptoUnavailableException(
          "this tls-uplift.jar was built with a JDK before " + FIRST_JAVA,
          "build the jar with JDK " + FIRST_JAVA + " or later, or use the container image");
    } catch (ReflectiveOperationException | LinkageError failed) {
      throw new LibcryptoUnavailableException(
          "libcrypto.so.3 cannot be loaded: " + root(failed),
          "install OpenSSL 3 (Debian: libssl3t64)");
    }
  }

  private static String root(Throwable failed) {
    Throwable root = failed;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  /** The name and version of the library, such as {@code OpenSSL 3.5.4}. */
  public String version() {
    return library.version();
  }

  /**
   * The private-key operations of BoringSSL with this key.
   *
   * @param key an RSA key with an encoding
   * @throws GeneralSecurityException if the library refuses the key
   */
  public OpenSslPrivateKeyMethod keyMethod(PrivateKey key) throws GeneralSecurityException {
    NativeLibcrypto.Key known = keys.getIfPresent(key);
    if (known == null) {
      known = parse(library, key);
      keys.put(key, known);
    }
    return new LibcryptoKeyMethod(known);
  }

  /**
   * Measures a signature of RSA-2048.
   *
   * @param times how often it signs
   * @return the shortest time, because others had to wait for something else
   */
  public Duration measure(int times) throws GeneralSecurityException {
    NativeLibcrypto.Key key = parse(library, PublishedKey.rsa2048().privateKey());
    byte[] digests = new byte[36];
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i < times; i++) {
      long start = System.nanoTime();
      key.sign(NativeLibcrypto.PKCS1, null, digests);
      shortest = Math.min(shortest, System.nanoTime() - start);
    }
    return Duration.ofNanos(shortest);
  }

  static NativeLibcrypto.Key parse(NativeLibcrypto library, PrivateKey key)
      throws GeneralSecurityException {
    if (!key.getAlgorithm().equals("RSA")) {
      throw new InvalidKeyException("not an RSA key");
    }
    byte[] encoded = key.getEncoded();
    try {
      return library.parse(encoded);
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }
}
