package org.tlsuplift.proxy.tls;

import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslPrivateKeyMethod;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.KeyManagerFactoryWrapper;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.profile.RelaxedRuntime;
import org.tlsuplift.proxy.tls.profile.TlsEngine;
import org.tlsuplift.proxy.tls.profile.TlsPolicy;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;

/**
 * The TLS contexts of the devices' side: one per policy, ALPN result and certificate, and with
 * shared ticket keys one per period of these keys. Thread-safe.
 */
final class DeviceContexts implements AutoCloseable {
  /** The most TLS sessions in each context. With the limit of contexts, this bounds the memory. */
  private static final int DEVICE_SESSIONS = 2048;

  /** How long a device can resume a session. */
  private static final Duration DEVICE_SESSION_AGE = Duration.ofHours(1);

  private final @Nullable SharedTicketKeys tickets;
  private final DeviceRsa rsa;
  private final ContextCache<Agreed> contexts;

  /**
   * The key includes the certificate. A device that resumes a session gets no certificate, so a
   * session must not be resumed under another certificate, whose origin has another name.
   */
  private record Agreed(
      TlsPolicy policy, Optional<String> applicationProtocol, Leaf leaf, long ticketPeriod) {
    /** What a session has in common with those that its ticket resumes at another instance. */
    String text() {
      return String.join(
          "\n", policy.toString(), applicationProtocol.orElse(""), leaf.commonAlias());
    }
  }

  DeviceContexts(int maximum, @Nullable SharedTicketKeys tickets, DeviceRsa rsa) {
    this.tickets = tickets;
    this.rsa = rsa;
    this.contexts =
        new ContextCache<>(maximum, DEVICE_SESSION_AGE, Ticker.systemTicker(), this::create);
  }

  SslHandler newHandler(
      ByteBufAllocator allocator,
      TlsPolicy policy,
      Optional<String> applicationProtocol,
      Leaf leaf) {
    return contexts.use(
        new Agreed(policy, applicationProtocol, leaf, tickets == null ? 0 : tickets.period()),
        context -> context.newHandler(allocator));
  }

  @Override
  public void close() {
    contexts.close();
  }

  private SslContext create(Agreed key) {
    TlsPolicy policy = key.policy();
    Optional<OpenSslPrivateKeyMethod> keyMethod =
        policy.engine() == TlsEngine.BORINGSSL ? rsa.keyMethod(key.leaf().key()) : Optional.empty();
    SslContextBuilder builder =
        // Not Netty's caching factory, because two simultaneous handshakes lose a private key
        // there.
        SslContextBuilder.forServer(
                new KeyManagerFactoryWrapper(new LeafKeyManager(key.leaf(), keyMethod.isEmpty())))
            .sslProvider(policy.engine().provider())
            .clientAuth(ClientAuth.NONE)
            // Without it each context would parse the whole system trust store, although it is
            // never used.
            .trustManager(new NoDeviceCertificates())
            .applicationProtocolConfig(
                TlsContexts.alpn(key.applicationProtocol().map(List::of).orElse(List.of())))
            .sessionCacheSize(DEVICE_SESSIONS)
            .sessionTimeout(DEVICE_SESSION_AGE.toSeconds());
    try {
      return switch (policy.engine()) {
        case BORINGSSL -> boringSsl(builder, key, keyMethod);
        case JDK -> jdk(builder, policy);
      };
    } catch (SSLException broken) {
      throw new IllegalStateException("no TLS context for " + policy + ": " + broken, broken);
    }
  }

  private SslContext boringSsl(
      SslContextBuilder builder, Agreed key, Optional<OpenSslPrivateKeyMethod> keyMethod)
      throws SSLException {
    TlsPolicy policy = key.policy();
    // tcnative 2.0.84 calls a key method correctly only in a task, which runs on the event loop.
    keyMethod.ifPresent(method -> builder.option(OpenSslContextOption.PRIVATE_KEY_METHOD, method));
    SslContext context =
        TlsContexts.boringSsl(
            builder.protocols(TlsContexts.labels(policy.versions())).ciphers(policy.cipherSuites()),
            keyMethod.isPresent());
    // None, because then BoringSSL creates ticket keys and replaces them every two days.
    OpenSslSessionTicketKey[] ticketKeys =
        tickets == null
            ? new OpenSslSessionTicketKey[0]
            : tickets.keys(key.ticketPeriod(), key.text());
    ((OpenSslServerSessionContext) context.sessionContext()).setTicketKeys(ticketKeys);
    return context;
  }

  private SslContext jdk(SslContextBuilder builder, TlsPolicy policy) throws SSLException {
    return builder
        // BoringSSL always accepts SSL 2.0 framing, so the JDK accepts it too.
        .protocols(
            Stream.concat(
                    Stream.of("SSLv2Hello"), policy.versions().stream().map(TlsVersion::label))
                .toArray(String[]::new))
        .ciphers(RelaxedRuntime.known(policy.cipherSuites()))
        .build();
  }
}
