package org.tlsuplift.proxy.tls;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.CipherSuites;
import org.tlsuplift.proxy.tls.hello.ServerHelloParser;

/**
 * Finds the versions and suites of a profile that this process's TLS engines do not support. It
 * tries each version with each suite in an in-memory handshake.
 *
 * <p>A version and suite are supported if the engine replies with a ServerHello that has them, and
 * signs if the suite requires it. The libraries' lists are not used, because they ignore
 * restrictions by security settings.
 */
public final class ProfileProbe {
  private static final String NAME = "device.uplift.invalid";
  private static final int FLIGHT = 1 << 16;
  private static final int MAX_STEPS = 50;

  private final TlsContexts contexts;
  private final Leaf leaf;

  private ProfileProbe(TlsContexts contexts, SelfTestCertificate certificate) {
    this.contexts = contexts;
    this.leaf =
        new Leaf(NAME, NAME, List.of(certificate.certificate()), certificate.key().getPrivate());
  }

  /**
   * Tries all versions and suites of a profile, except single DES and the JDK's default settings,
   * which are optional.
   *
   * @return the missing versions and suites, such as {@code SSLv3 (JDK)} or {@code
   *     TLS_RSA_WITH_RC4_128_SHA (JDK, TLSv1)}; empty if the engines support the whole profile
   * @throws IllegalStateException if BoringSSL cannot be loaded; the message has the cause
   */
  public static List<String> missing(TlsProfile profile) {
    SelfTestCertificate certificate = certificate(profile);
    try (TlsContexts contexts =
        new TlsContexts(OriginTrust.of(List.of(certificate.certificate())), TlsVersion.TLS_1_3)) {
      ProfileProbe probe = new ProfileProbe(contexts, certificate);
      return profile.policies().stream()
          .filter(policy -> !policy.equals(LegacyTls.JDK_DEFAULTS))
          .flatMap(policy -> probe.missing(policy).stream())
          .toList();
    }
  }

  /**
   * A certificate with a key type for which the profile has suites. The key is short, because
   * engines do not check the length of their own key.
   */
  private static SelfTestCertificate certificate(TlsProfile profile) {
    return profile.cipherSuites().stream().anyMatch(suite -> suite.contains("_ECDSA_"))
        ? SelfTestCertificate.of(NAME)
        : SelfTestCertificate.ofRsa(NAME);
  }

  private List<String> missing(TlsPolicy policy) {
    List<String> missing = new ArrayList<>();
    Map<String, List<TlsVersion>> suites = new LinkedHashMap<>();
    for (TlsVersion version : policy.versions()) {
      List<String> asked =
          policy.cipherSuites().stream()
              .filter(suite -> TlsPolicy.exists(suite, version) && !isSingleDes(suite))
              .toList();
      List<String> refused =
          asked.stream().filter(suite -> !agrees(policy.engine(), version, suite)).toList();
      if (refused.equals(asked)) {
        missing.add(version + " (" + policy.engine().label() + ")");
      } else {
        refused.forEach(
            suite -> suites.computeIfAbsent(suite, key -> new ArrayList<>()).add(version));
      }
    }
    suites.forEach(
        (suite, versions) ->
            missing.add(
                "%s (%s%s)"
                    .formatted(
                        suite,
                        policy.engine().label(),
                        versions.stream().map(each -> ", " + each).collect(Collectors.joining()))));
    return missing;
  }

  private boolean agrees(TlsEngine engine, TlsVersion version, String suite) {
    // BoringSSL has all suites of TLS 1.3 or none, so one of them is enough.
    List<String> suites =
        version == TlsVersion.TLS_1_3 ? TlsProfile.TLS_1_3_SUITES : List.of(suite);
    try {
      SSLEngine server =
          contexts
              .terminate(
                  UnpooledByteBufAllocator.DEFAULT,
                  new TlsPolicy(engine, List.of(version), suites),
                  null,
                  leaf,
                  Duration.ofSeconds(5))
              .engine();
      ByteBuffer hello = ProbeHello.of(version, CipherSuites.numberOf(suite).orElseThrow());
      TlsParameters agreed = answer(server, hello);
      return agreed.version() == version && agreed.cipherSuite().equals(suite);
    } catch (SSLException | RuntimeException refused) {
      return false;
    }
  }

  /** The parameters in the server's ServerHello; it has signed if the suite requires it. */
  static TlsParameters answer(SSLEngine server, ByteBuffer hello) throws SSLException {
    ByteBuffer flight = ByteBuffer.allocate(FLIGHT);
    try {
      server.beginHandshake();
      for (int step = 0; step < MAX_STEPS; step++) {
        switch (server.getHandshakeStatus()) {
          case NEED_TASK -> server.getDelegatedTask().run();
          case NEED_WRAP -> server.wrap(ByteBuffer.allocate(0), flight);
          default -> server.unwrap(hello, ByteBuffer.allocate(FLIGHT));
        }
        if (ServerHelloParser.parse(Unpooled.wrappedBuffer(flight.array(), 0, flight.position()))
            instanceof ServerHelloParser.Answer.Agreed agreed) {
          return agreed.parameters();
        }
      }
      throw new SSLException("no ServerHello");
    } finally {
      ReferenceCountUtil.release(server);
    }
  }

  private static boolean isSingleDes(String suite) {
    return suite.contains("_WITH_DES_");
  }
}
