package org.tlsuplift.proxy.tls;

import java.security.GeneralSecurityException;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.CipherSuites;

/**
 * Configures the JDK's TLS for old devices: code that requests a version or suite by name also gets
 * those that the JDK disables by default.
 *
 * <p>The JDK reads these settings once, before its first use of TLS, for the whole process. Code
 * that names no versions and suites must get no old ones, so its defaults become TLS 1.2 and 1.3
 * with ECDHE and AEAD. The JDK's rules for certificates (jdk.certpath.disabledAlgorithms) do not
 * change.
 */
public final class RelaxedRuntime {
  private static final String DISABLED = "jdk.tls.disabledAlgorithms";

  /**
   * The entries that are removed from the list of disabled algorithms. For RC4 and DES, only the
   * export ciphers stay disabled.
   */
  private static final Map<String, List<String>> REPLACEMENTS =
      Map.of(
          "sslv3", List.of(),
          "tlsv1", List.of(),
          "tlsv1.1", List.of(),
          "rc4", List.of("RC4_40"),
          "des", List.of("DES40_CBC"),
          "3des_ede_cbc", List.of(),
          "tls_rsa_*", List.of(),
          // The oldest TLS 1.2 devices support no better signature.
          "rsa_pkcs1_sha1 usage handshakesignature", List.of());

  private static final List<String> STRICT_VERSIONS =
      List.of(TlsVersion.TLS_1_3.label(), TlsVersion.TLS_1_2.label());

  private static final List<String> STRICT_SUITES =
      Stream.of(
              TlsProfile.TLS_1_3_SUITES,
              TlsProfile.ECDHE_RSA_AEAD,
              List.of(
                  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"))
          .flatMap(List::stream)
          .toList();

  private RelaxedRuntime() {}

  /**
   * Configures the JDK's TLS for devices, but enables no algorithm that the JDK disables.
   *
   * <p>Applies to the whole process, and has no effect after the first use of the JDK's TLS.
   */
  public static void prepare() {
    // Devices that send no groups support P-256 at best, but the JDK would choose X25519.
    System.setProperty("jdk.tls.namedGroups", "secp256r1,secp384r1,secp521r1,x25519");
    // Old devices, including Java up to 7, refuse a DHE group of 2048 bits.
    System.setProperty("jdk.tls.ephemeralDHKeySize", "1024");
    // BoringSSL refuses it too. Old devices would be open to plaintext injection (RFC 5746).
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    System.setProperty("jdk.tls.maxHandshakeMessageSize", String.valueOf(TlsEngine.JDK.maxHello()));
  }

  /**
   * Enables the versions and suites of {@link LegacyTls#ANTIQUE} in the JDK's TLS, for callers that
   * name them. All other code in this process gets only TLS 1.2 and 1.3.
   *
   * <p>Call it after {@link #prepare} and before the first use of TLS. If the call is too late, or
   * the Java runtime lacks a version or suite, {@link ProfileProbe} reports it.
   */
  public static void relax() {
    Security.setProperty(DISABLED, relaxed(String.valueOf(Security.getProperty(DISABLED))));
    for (String side : List.of("client", "server")) {
      System.setProperty("jdk.tls." + side + ".protocols", String.join(",", STRICT_VERSIONS));
      System.setProperty("jdk.tls." + side + ".cipherSuites", String.join(",", STRICT_SUITES));
    }
  }

  /** Returns the list without the entries that this class enables. */
  static String relaxed(String disabled) {
    return Arrays.stream(disabled.split(","))
        .map(String::strip)
        .flatMap(
            entry ->
                REPLACEMENTS.getOrDefault(entry.toLowerCase(Locale.ROOT), List.of(entry)).stream())
        .collect(Collectors.joining(", "));
  }

  /**
   * The entries of the JDK's list of disabled algorithms that disable the missing versions and
   * suites, by their names.
   *
   * @param missing from {@link ProfileProbe#missing}
   */
  public static List<String> disabling(List<String> missing) {
    List<String> names =
        missing.stream()
            .flatMap(each -> Arrays.stream(each.split("[ ,()]+")))
            .map(name -> "_" + name.toLowerCase(Locale.ROOT) + "_")
            .toList();
    return Arrays.stream(String.valueOf(Security.getProperty(DISABLED)).split(","))
        .map(String::strip)
        .filter(entry -> names.stream().anyMatch(name -> isPart(entry, name)))
        .toList();
  }

  private static boolean isPart(String entry, String name) {
    // Suites write SHA for SHA-1.
    String part = "_" + entry.toLowerCase(Locale.ROOT).replaceFirst("^sha1$", "sha");
    return part.endsWith("*")
        ? name.startsWith(part.substring(0, part.length() - 1))
        : name.contains(part + "_");
  }

  /** The JDK's names of these suites, without the suites that it does not support. */
  public static List<String> known(List<String> suites) {
    Map<String, String> names =
        Arrays.stream(engine().getSupportedCipherSuites())
            .collect(Collectors.toMap(CipherSuites::canonical, name -> name, (one, same) -> one));
    return suites.stream().filter(names::containsKey).map(names::get).toList();
  }

  /**
   * Checks that code without its own TLS settings gets no old versions or suites from the JDK, as
   * client or server.
   *
   * @throws IllegalStateException if it does; the daemon must not start then
   */
  public static void proveDefaultsStrict() {
    for (boolean client : List.of(true, false)) {
      SSLEngine engine = engine();
      engine.setUseClientMode(client);
      Set<String> more = new TreeSet<>(canonical(engine.getEnabledCipherSuites()));
      more.addAll(Set.of(engine.getEnabledProtocols()));
      STRICT_SUITES.forEach(more::remove);
      STRICT_VERSIONS.forEach(more::remove);
      if (!more.isEmpty()) {
        throw new IllegalStateException(
            ("start-up self-test failed: outside antique listeners, this Java runtime would use %s; "
                    + "the daemon does not start; report it")
                .formatted(more));
      }
    }
  }

  private static Set<String> canonical(String[] suites) {
    return Arrays.stream(suites).map(CipherSuites::canonical).collect(Collectors.toSet());
  }

  private static SSLEngine engine() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, null, null);
      return context.createSSLEngine();
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("this Java runtime has no TLS: " + broken, broken);
    }
  }
}
