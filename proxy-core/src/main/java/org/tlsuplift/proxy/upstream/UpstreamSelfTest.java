package org.tlsuplift.proxy.upstream;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.InMemoryHandshake;
import org.tlsuplift.proxy.tls.OriginProof;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.SelfTestCertificate;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.tls.failure.OriginFailures;

/**
 * Checks at start-up that upstream TLS refuses versions below TLS 1.2, untrusted issuers and wrong
 * names. It runs in-memory handshakes with the code that creates the upstream contexts.
 *
 * <p>A setting, a system property or a library change could lower the floor unnoticed. If a check
 * fails, the daemon does not start.
 */
public final class UpstreamSelfTest {
  private static final String NAME = "origin.uplift.invalid";
  private static final String OTHER_NAME = "other.uplift.invalid";

  /** The code under test: creates the engine for an origin with this name. */
  @FunctionalInterface
  interface Originator {
    SSLEngine originate(String name);
  }

  private final Originator contexts;
  private final Originator strangers;
  private final KeyPair key;
  private final X509Certificate certificate;

  private UpstreamSelfTest(Function<OriginTrust, Originator> subject) {
    SelfTestCertificate own = SelfTestCertificate.of(NAME);
    this.key = own.key();
    this.certificate = own.certificate();
    this.contexts = subject.apply(OriginTrust.of(List.of(certificate)));
    this.strangers =
        subject.apply(OriginTrust.of(List.of(SelfTestCertificate.of(NAME).certificate())));
  }

  /**
   * Runs all checks for both ways to verify an origin: by one name, and by an {@link OriginProof}.
   * Takes about 100 ms.
   *
   * @param maximum the newest version that upstream TLS may use
   * @throws IllegalStateException if a check fails; the daemon must not start then
   */
  public static void run(TlsVersion maximum) {
    run(maximum, trust -> originator(new TlsContexts(trust, maximum), name -> null));
    run(
        maximum,
        trust ->
            originator(
                new TlsContexts(trust, maximum),
                name ->
                    names ->
                        names.hosts().contains(name)
                            ? Optional.empty()
                            : Optional.of(Explanation.of("it is for " + names))));
  }

  /** Runs the checks on other code, so that tests can make each check fail. */
  static void run(TlsVersion maximum, Function<OriginTrust, Originator> subject) {
    UpstreamSelfTest test = new UpstreamSelfTest(subject);
    // Control: this handshake must succeed, or the refusals below could have another cause.
    test.expect(null, test.contexts, NAME);
    for (TlsVersion legacy : List.of(TlsVersion.TLS_1_1, TlsVersion.TLS_1_0, TlsVersion.SSL_3)) {
      test.refuses(legacy);
    }
    test.offersOnly(maximum);
    test.expect(CloseReason.ORIGIN_CERTIFICATE_INVALID, test.contexts, OTHER_NAME);
    test.expect(CloseReason.ORIGIN_CERTIFICATE_INVALID, test.strangers, NAME);
  }

  /**
   * Checks an origin that chooses a version below the floor, although the ClientHello does not
   * offer it.
   */
  private void refuses(TlsVersion legacy) {
    @Nullable CloseReason got = null;
    try {
      InMemoryHandshake.answerWith(contexts.originate(NAME), legacy);
    } catch (SSLException refusal) {
      got = OriginFailures.of(refusal).reason();
    }
    if (got != CloseReason.ORIGIN_BELOW_FLOOR) {
      throw failed(
          "an origin that chooses "
              + legacy
              + ": got "
              + (got == null ? "success" : got.label())
              + "; expected "
              + CloseReason.ORIGIN_BELOW_FLOOR.label());
    }
  }

  private void offersOnly(TlsVersion maximum) {
    Set<String> allowed = new TreeSet<>(List.of(TlsVersion.TLS_1_2.label(), maximum.label()));
    // BoringSSL always lists "SSLv2Hello", a ClientHello framing that only servers accept.
    Set<String> offered = new TreeSet<>(Set.of(contexts.originate(NAME).getEnabledProtocols()));
    offered.remove("SSLv2Hello");
    if (!allowed.equals(offered)) {
      throw failed("offered versions: got " + offered + "; expected " + allowed);
    }
  }

  private void expect(@Nullable CloseReason expected, Originator ours, String name) {
    @Nullable CloseReason got = null;
    String why = "";
    try {
      InMemoryHandshake.run(ours.originate(name), server());
    } catch (SSLException refusal) {
      got = OriginFailures.of(refusal).reason();
      why = " (" + OriginFailures.of(refusal).why().text() + ")";
    }
    if (got != expected) {
      throw failed(
          "handshake with origin "
              + name
              + ": got "
              + (got == null ? "success" : got.label())
              + why
              + "; expected "
              + (expected == null ? "success" : expected.label()));
    }
  }

  private static Originator originator(
      TlsContexts contexts, Function<String, @Nullable OriginProof> proof) {
    return name ->
        contexts
            .originate(
                UnpooledByteBufAllocator.DEFAULT,
                proof.apply(name),
                name,
                443,
                List.of(),
                null,
                Duration.ofSeconds(5))
            .engine();
  }

  private SSLEngine server() {
    try {
      SslContext context =
          SslContextBuilder.forServer(key.getPrivate(), certificate)
              .sslProvider(SslProvider.OPENSSL)
              .protocols(TlsVersion.TLS_1_2.label())
              .ciphers(List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"))
              .option(OpenSslContextOption.USE_TASKS, false)
              .build();
      SSLEngine engine = context.newEngine(UnpooledByteBufAllocator.DEFAULT);
      // The engine retains the context until the engine is released.
      ReferenceCountUtil.release(context);
      return engine;
    } catch (SSLException broken) {
      throw new IllegalStateException("upstream self-test: " + broken.getMessage(), broken);
    }
  }

  private static IllegalStateException failed(String what) {
    return new IllegalStateException(
        "upstream self-test failed: "
            + what
            + "; the daemon does not start, because the program or its TLS library is unsafe; report it");
  }
}
