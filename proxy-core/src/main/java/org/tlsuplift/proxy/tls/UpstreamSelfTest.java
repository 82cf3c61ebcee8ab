package org.tlsuplift.proxy.tls;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.TlsVersion;

/**
 * Proves at start-up that upstream TLS refuses what it must, by real handshakes in memory with the
 * very code that makes upstream contexts.
 *
 * <p>A trap is any setting, property or library change that lowers the floor unseen; with this the
 * daemon does not start.
 */
public final class UpstreamSelfTest {
  private static final String NAME = "origin.uplift.invalid";
  private static final String OTHER_NAME = "other.uplift.invalid";

  private final TlsContexts contexts;
  private final TlsContexts strangers;
  private final KeyPair key;
  private final X509Certificate certificate;

  private UpstreamSelfTest(TlsVersion maximum) {
    SelfTestCertificate own = SelfTestCertificate.of(NAME);
    this.key = own.key();
    this.certificate = own.certificate();
    this.contexts = new TlsContexts(OriginTrust.of(List.of(certificate)), maximum);
    this.strangers =
        new TlsContexts(
            OriginTrust.of(List.of(SelfTestCertificate.of(NAME).certificate())), maximum);
  }

  /**
   * Runs all proofs; takes some 50 ms.
   *
   * @param maximum the newest version that upstream may use
   * @throws IllegalStateException when one fails: the daemon must not start
   */
  public static void run(TlsVersion maximum) {
    UpstreamSelfTest test = new UpstreamSelfTest(maximum);
    test.offersOnly(maximum);
    // The control: without it the refusals below could have any cause.
    test.expect(null, test.contexts, NAME, TlsVersion.TLS_1_2);
    test.expect(CloseReason.ORIGIN_BELOW_FLOOR, test.contexts, NAME, TlsVersion.TLS_1_1);
    test.expect(CloseReason.ORIGIN_BELOW_FLOOR, test.contexts, NAME, TlsVersion.TLS_1_0);
    test.expect(
        CloseReason.ORIGIN_CERTIFICATE_INVALID, test.contexts, OTHER_NAME, TlsVersion.TLS_1_2);
    test.expect(CloseReason.ORIGIN_CERTIFICATE_INVALID, test.strangers, NAME, TlsVersion.TLS_1_2);
  }

  private void offersOnly(TlsVersion maximum) {
    Set<String> allowed = new TreeSet<>(Set.of(TlsVersion.TLS_1_2.label(), maximum.label()));
    // "SSLv2Hello" is a framing that BoringSSL accepts as a server and always lists.
    Set<String> offered = new TreeSet<>(Set.of(origin(contexts, NAME).getEnabledProtocols()));
    offered.remove("SSLv2Hello");
    if (!allowed.equals(offered)) {
      throw failed("upstream TLS would offer " + offered + " instead of " + allowed);
    }
  }

  private void expect(
      @Nullable CloseReason expected, TlsContexts ours, String name, TlsVersion version) {
    @Nullable CloseReason got = null;
    String why = "";
    try {
      InMemoryHandshake.run(origin(ours, name), server(version));
    } catch (SSLException refusal) {
      got = OriginFailures.of(refusal).reason();
      why = " (" + OriginFailures.of(refusal).detail() + ")";
    }
    if (got != expected) {
      throw failed(
          "a handshake with an origin that speaks "
              + version
              + ", asked for as "
              + name
              + ", ended with "
              + (got == null ? "success" : got.label())
              + why
              + " instead of "
              + (expected == null ? "success" : expected.label()));
    }
  }

  private static SSLEngine origin(TlsContexts contexts, String name) {
    return contexts
        .originate(UnpooledByteBufAllocator.DEFAULT, name, 443, List.of(), Duration.ofSeconds(5))
        .engine();
  }

  private SSLEngine server(TlsVersion version) {
    try {
      SslContext context =
          SslContextBuilder.forServer(key.getPrivate(), certificate)
              .sslProvider(SslProvider.OPENSSL)
              .protocols(version.label())
              .ciphers(
                  List.of(
                      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                      "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"))
              .option(OpenSslContextOption.USE_TASKS, false)
              .build();
      return context.newEngine(UnpooledByteBufAllocator.DEFAULT);
    } catch (SSLException broken) {
      throw new IllegalStateException("upstream self-test: " + broken.getMessage(), broken);
    }
  }

  private static IllegalStateException failed(String what) {
    return new IllegalStateException(
        "upstream self-test failed, nothing is started: "
            + what
            + "; this program or its TLS library is not safe to use, please report it");
  }
}
