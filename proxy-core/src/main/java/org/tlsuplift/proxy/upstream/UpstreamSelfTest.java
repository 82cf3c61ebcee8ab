package org.tlsuplift.proxy.upstream;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.tls.InMemoryHandshake;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.OriginProof;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.SelfTestCertificate;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.tls.TlsEngine;
import org.tlsuplift.proxy.tls.TlsPolicy;
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
  interface Originator extends AutoCloseable {
    SSLEngine originate(String name);

    @Override
    default void close() {}
  }

  private static final TlsPolicy POLICY =
      new TlsPolicy(
          TlsEngine.BORINGSSL,
          List.of(TlsVersion.TLS_1_2),
          List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));

  private final Originator contexts;
  private final Originator strangers;
  private final TlsContexts servers;
  private final Leaf leaf;

  private UpstreamSelfTest(
      Originator contexts, Originator strangers, TlsContexts servers, Leaf leaf) {
    this.contexts = contexts;
    this.strangers = strangers;
    this.servers = servers;
    this.leaf = leaf;
  }

  /**
   * Runs all checks for both ways to verify an origin: by one name, and by an {@link OriginProof}.
   *
   * @param maximum the newest version that upstream TLS may use
   * @throws IllegalStateException if a check fails; the daemon must not start then
   */
  public static void run(TlsVersion maximum) {
    run(
        maximum,
        List.of(
            trust -> originator(new TlsContexts(trust, maximum), name -> null),
            trust ->
                originator(
                    new TlsContexts(trust, maximum),
                    name ->
                        names ->
                            names.hosts().contains(name)
                                ? Optional.empty()
                                : Optional.of(Explanation.of("it is for " + names)))));
  }

  /** Runs the checks on other code, so that tests can make each check fail. */
  static void run(TlsVersion maximum, Function<OriginTrust, Originator> subject) {
    run(maximum, List.of(subject));
  }

  private static void run(TlsVersion maximum, List<Function<OriginTrust, Originator>> subjects) {
    SelfTestCertificate origin = SelfTestCertificate.of(NAME);
    OriginTrust trust = OriginTrust.of(List.of(origin.certificate()));
    OriginTrust other = OriginTrust.of(List.of(SelfTestCertificate.of(NAME).certificate()));
    Leaf leaf = Leaf.of(NAME, List.of(origin.certificate()), origin.key().getPrivate());
    try (TlsContexts servers = new TlsContexts(trust, TlsVersion.TLS_1_2)) {
      for (Function<OriginTrust, Originator> subject : subjects) {
        try (Originator contexts = subject.apply(trust);
            Originator strangers = subject.apply(other)) {
          new UpstreamSelfTest(contexts, strangers, servers, leaf).check(maximum);
        }
      }
    }
  }

  private void check(TlsVersion maximum) {
    // Control: this handshake must succeed, or the refusals below could have another cause.
    expect(null, contexts, NAME);
    for (TlsVersion legacy : List.of(TlsVersion.TLS_1_1, TlsVersion.TLS_1_0, TlsVersion.SSL_3)) {
      refuses(legacy);
    }
    offersOnly(maximum);
    expect(CloseReason.ORIGIN_CERTIFICATE_INVALID, contexts, OTHER_NAME);
    expect(CloseReason.ORIGIN_CERTIFICATE_INVALID, strangers, NAME);
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
          "an origin that chooses %s: got %s; expected %s"
              .formatted(
                  legacy,
                  got == null ? "success" : got.label(),
                  CloseReason.ORIGIN_BELOW_FLOOR.label()));
    }
  }

  private void offersOnly(TlsVersion maximum) {
    Set<String> allowed = new TreeSet<>(List.of(TlsVersion.TLS_1_2.label(), maximum.label()));
    // BoringSSL always lists "SSLv2Hello", a ClientHello framing that only servers accept.
    SSLEngine engine = contexts.originate(NAME);
    Set<String> offered = new TreeSet<>(Set.of(engine.getEnabledProtocols()));
    ReferenceCountUtil.release(engine);
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
          "handshake with origin %s: got %s%s; expected %s"
              .formatted(
                  name,
                  got == null ? "success" : got.label(),
                  why,
                  expected == null ? "success" : expected.label()));
    }
  }

  private static Originator originator(
      TlsContexts contexts, Function<String, @Nullable OriginProof> proof) {
    return new Originator() {
      @Override
      public SSLEngine originate(String name) {
        return contexts
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

      @Override
      public void close() {
        contexts.close();
      }
    };
  }

  private SSLEngine server() {
    return servers
        .terminate(UnpooledByteBufAllocator.DEFAULT, POLICY, null, leaf, Duration.ofSeconds(5))
        .engine();
  }

  private static IllegalStateException failed(String what) {
    return new IllegalStateException(
        "upstream self-test failed: "
            + what
            + "; the daemon does not start, because the program or its TLS library is unsafe; report it");
  }
}
