package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.proxy.ca.LocalCertificateAuthority;
import org.tlsuplift.proxy.ca.PermittedNames;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;

/** A device resumes its session at another instance, but only for what it agreed to. */
class SharedTicketKeysTest {
  private static final Instant NOW = Instant.parse("2026-11-27T19:00:00Z");
  private static final byte[] SECRET = new byte[SharedTicketKeys.SECRET_LENGTH];

  private final IssuingCa ca = newCa();
  private final List<TlsContexts> instances = new ArrayList<>();

  @AfterEach
  void close() {
    instances.forEach(TlsContexts::close);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.1", "TLSv1.2"})
  void resumesAtAnotherInstance(String version) throws Exception {
    SslContext device = device(version);
    assertThat(resumes(device, instance(NOW, SECRET), leaf("localhost"))).isFalse();
    assertThat(resumes(device, instance(NOW, SECRET), leaf("localhost"))).isTrue();
  }

  @Test
  void withoutASharedSecretEachInstanceHasItsOwnKeys() throws Exception {
    SslContext device = device("TLSv1.2");
    resumes(device, instance(NOW, null), leaf("localhost"));
    assertThat(resumes(device, instance(NOW, null), leaf("localhost"))).isFalse();
  }

  @Test
  void refusesTicketsOfAnotherSecret() throws Exception {
    byte[] other = SECRET.clone();
    other[0] = 1;
    SslContext device = device("TLSv1.2");
    resumes(device, instance(NOW, SECRET), leaf("localhost"));
    assertThat(resumes(device, instance(NOW, other), leaf("localhost"))).isFalse();
  }

  /** A device without SNI could reach another origin without seeing its certificate. */
  @Test
  void refusesTicketsOfAnotherName() throws Exception {
    SslContext device = device("TLSv1.2");
    resumes(device, instance(NOW, SECRET), leaf("localhost"));
    assertThat(resumes(device, instance(NOW, SECRET), leaf("other.example.test"))).isFalse();
  }

  @Test
  void refusesTicketsOfAnotherCa() throws Exception {
    SslContext device = device("TLSv1.2");
    resumes(device, instance(NOW, SECRET), leaf("localhost"));
    Leaf rotated = leaf(newCa(), "localhost");
    assertThat(resumes(device, instance(NOW, SECRET), rotated)).isFalse();
  }

  /** Clocks differ, and a period may end between two handshakes. */
  @ParameterizedTest
  @ValueSource(longs = {-1, 1})
  void resumesInTheNextAndThePreviousPeriod(long hours) throws Exception {
    SslContext device = device("TLSv1.2");
    resumes(device, instance(NOW, SECRET), leaf("localhost"));
    Instant then = NOW.plus(Duration.ofHours(hours));
    assertThat(resumes(device, instance(then, SECRET), leaf("localhost"))).isTrue();
  }

  @Test
  void refusesOldTickets() throws Exception {
    SslContext device = device("TLSv1.2");
    resumes(device, instance(NOW, SECRET), leaf("localhost"));
    Instant later = NOW.plus(Duration.ofHours(2));
    assertThat(resumes(device, instance(later, SECRET), leaf("localhost"))).isFalse();
  }

  @Test
  void secretsHaveALength() {
    assertThatThrownBy(() -> new SharedTicketKeys(new byte[31], Clock.systemUTC()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("secret of ticket keys: got 31 bytes; expected at least 32");
  }

  private static IssuingCa newCa() {
    PermittedNames names = new PermittedNames(List.of("localhost", "example.test"), List.of());
    return CaFixtures.create(CaSettings.defaults(names, "test"));
  }

  private Leaf leaf(String name) {
    return leaf(ca, name);
  }

  /** Another certificate and key for each call, as each instance has its own. */
  private static Leaf leaf(IssuingCa ca, String name) {
    return new LocalCertificateAuthority(ca, LeafSettings.defaults(), Runnable::run, () -> {})
        .leafFor(List.of(name))
        .toCompletableFuture()
        .join();
  }

  private TlsContexts instance(Instant now, byte @Nullable [] secret) {
    TlsContexts contexts =
        new TlsContexts(
            OriginTrust.of(List.of(ca.certificate())),
            TlsVersion.TLS_1_3,
            true,
            secret == null ? null : new SharedTicketKeys(secret, Clock.fixed(now, ZoneOffset.UTC)),
            DeviceRsa.boringSsl());
    instances.add(contexts);
    return contexts;
  }

  private static SslContext device(String version) throws Exception {
    SslContext context =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .protocols(version)
            .ciphers(List.of("TLS_RSA_WITH_AES_128_CBC_SHA"))
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null)
            .option(OpenSslContextOption.USE_TASKS, false)
            .build();
    // Without it, Netty's clients use no tickets.
    ((OpenSslSessionContext) context.sessionContext()).setTicketKeys();
    return context;
  }

  /** Whether a handshake resumed a session: then the device does not see this certificate. */
  private static boolean resumes(SslContext device, TlsContexts instance, Leaf shown)
      throws Exception {
    SSLEngine engine = device.newEngine(UnpooledByteBufAllocator.DEFAULT, "localhost", 443);
    InMemoryHandshake.run(
        engine,
        instance
            .terminate(
                UnpooledByteBufAllocator.DEFAULT,
                LegacyTls.PROFILE.policies().get(0),
                null,
                shown,
                Duration.ofSeconds(5))
            .engine());
    return !engine.getSession().getPeerCertificates()[0].equals(shown.chain().get(0));
  }
}
