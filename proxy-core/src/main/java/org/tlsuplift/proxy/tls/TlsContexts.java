package org.tlsuplift.proxy.tls;

import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslPrivateKeyMethod;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;

/**
 * Creates the TLS handlers for devices and origins. Only this class uses Netty's context builder.
 *
 * <p>There is one context per policy, ALPN result and certificate on the device's side, and one per
 * ALPN list and identity on the origin's side. With shared ticket keys there is one more on the
 * device's side for each period of the keys. A bounded cache holds them, because a TLS session is
 * resumed within its context. The origin's side has TLS 1.2 and 1.3 with ECDHE, and no argument of
 * this class can lower that. Thread-safe.
 */
public final class TlsContexts implements AutoCloseable {
  /**
   * The longest time that a closing connection waits for its peer to read the pending bytes,
   * because a peer may stop reading. It must be shorter than the second that a stopping proxy waits
   * for its sessions. Before it closes, the relay has already waited up to the idle timeout.
   */
  private static final Duration CLOSE_NOTIFY_WAIT = Duration.ofMillis(500);

  /**
   * The size of a buffer that each connection has, for what BoringSSL writes while Netty reads. An
   * alert, of up to 85 bytes, fits; the rest of a longer flight waits in BoringSSL. Netty's default
   * of 2048 takes a tenth of the memory of an idle session.
   */
  private static final int UNSENT_BYTES = 256;

  private static final List<String> GROUPS = List.of("X25519", "P-256", "P-384", "P-521");

  /** The hybrid of X25519 and ML-KEM, which later quantum computers cannot decrypt. */
  private static final String POST_QUANTUM = "X25519MLKEM768";

  /** ECDHE with AEAD for RSA and EC keys, then the CBC suites that Microsoft 365 still accepts. */
  private static final List<String> UPSTREAM_TLS_1_2_SUITES =
      List.of(
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");

  private static final int MAX_CONTEXTS = 256;

  /**
   * The most TLS sessions with origins in each context, of some KiB each because they contain the
   * origin's certificates. TLS 1.3 origins send two for each connection, and each is used once.
   * Netty's default is 20,480.
   */
  private static final int ORIGIN_SESSIONS = 1024;

  /** How long a session with an origin can be resumed. */
  private static final Duration ORIGIN_SESSION_AGE = Duration.ofMinutes(5);

  private final OriginTrust trust;
  private final ProvenOrigins provenOrigins;
  private final List<TlsVersion> upstreamVersions;
  private final List<String> upstreamSuites;
  private final List<String> upstreamGroups;
  private final DeviceContexts terminating;
  private final ContextCache<Originating> originating =
      new ContextCache<>(
          MAX_CONTEXTS, ORIGIN_SESSION_AGE, Ticker.systemTicker(), this::newOriginatingContext);

  private record Originating(
      List<String> applicationProtocols, Optional<OriginIdentity> identity, boolean byProof) {}

  /**
   * Creates contexts that verify origins against these roots and offer them X25519MLKEM768. Each
   * context has its own ticket keys and uses BoringSSL's RSA.
   */
  public TlsContexts(OriginTrust trust, TlsVersion maximumUpstream) {
    this(trust, maximumUpstream, true, null, DeviceRsa.boringSsl());
  }

  /**
   * Creates contexts that verify origins against these roots.
   *
   * @param maximumUpstream TLS 1.2 or TLS 1.3
   * @param postQuantum whether origins with TLS 1.3 are offered X25519MLKEM768
   * @param tickets null if devices resume sessions at this instance only
   * @param rsa uses the RSA keys of devices' certificates
   * @throws IllegalArgumentException if the maximum is below TLS 1.2
   * @throws IllegalStateException if BoringSSL cannot be loaded; the message has the cause
   */
  public TlsContexts(
      OriginTrust trust,
      TlsVersion maximumUpstream,
      boolean postQuantum,
      @Nullable SharedTicketKeys tickets,
      DeviceRsa rsa) {
    if (maximumUpstream.isLegacy()) {
      throw new IllegalArgumentException(
          "upstream maximum version: got "
              + maximumUpstream
              + "; expected TLSv1.2 or newer, the floor");
    }
    requireBoringSsl();
    this.trust = trust;
    this.terminating = new DeviceContexts(MAX_CONTEXTS, tickets, rsa);
    this.provenOrigins = new ProvenOrigins(trust);
    boolean tls13 = maximumUpstream != TlsVersion.TLS_1_2;
    this.upstreamVersions =
        tls13 ? List.of(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2) : List.of(TlsVersion.TLS_1_2);
    this.upstreamSuites =
        Stream.concat(
                tls13 ? TlsProfile.TLS_1_3_SUITES.stream() : Stream.empty(),
                UPSTREAM_TLS_1_2_SUITES.stream())
            .toList();
    // BoringSSL sends a key share for the first group, and one for X25519 if that is a hybrid.
    this.upstreamGroups =
        postQuantum ? Stream.concat(Stream.of(POST_QUANTUM), GROUPS.stream()).toList() : GROUPS;
  }

  /**
   * @throws IllegalStateException if BoringSSL cannot be loaded; the message has the cause
   */
  static void requireBoringSsl() {
    if (!OpenSsl.isAvailable()) {
      throw new IllegalStateException(
          ("BoringSSL (netty-tcnative) cannot be loaded on %s/%s: %s; if the temporary directory"
                  + " forbids execution, set -Dio.netty.native.workdir to one that allows it")
              .formatted(
                  System.getProperty("os.name"),
                  System.getProperty("os.arch"),
                  OpenSsl.unavailabilityCause().getMessage()),
          OpenSsl.unavailabilityCause());
    }
  }

  /**
   * Creates a handler that terminates a device's TLS.
   *
   * @param applicationProtocol the ALPN name to agree to, or null to ignore ALPN
   * @param leaf the certificate to present
   */
  public SslHandler terminate(
      ByteBufAllocator allocator,
      TlsPolicy policy,
      @Nullable String applicationProtocol,
      Leaf leaf,
      Duration handshakeTimeout) {
    return bounded(
        terminating.newHandler(allocator, policy, Optional.ofNullable(applicationProtocol), leaf),
        handshakeTimeout);
  }

  /**
   * Creates a handler that originates TLS and verifies the origin.
   *
   * @param proof the condition for the certificate's names, or null if it must be for {@code
   *     serverName}
   * @param serverName the name sent as SNI; an address literal is not sent
   * @param applicationProtocols the ALPN names to offer, in order; empty for none
   * @param identity the identity to present if the origin requests a certificate, or null
   */
  public SslHandler originate(
      ByteBufAllocator allocator,
      @Nullable OriginProof proof,
      String serverName,
      int port,
      List<String> applicationProtocols,
      @Nullable OriginIdentity identity,
      Duration handshakeTimeout) {
    // Without a peer name no session is resumed. A resumption would skip the proof.
    SslHandler handler =
        originating.use(
            new Originating(
                List.copyOf(applicationProtocols), Optional.ofNullable(identity), proof != null),
            context ->
                proof == null
                    ? context.newHandler(allocator, serverName, port)
                    : context.newHandler(allocator));
    provenOrigins.demand(handler.engine(), proof == null ? OriginProof.of(serverName) : proof);
    // Netty and the JDK send no SNI for a name without a dot, but companies often use such names.
    // Upstream: netty issue 12005, "Netty discards hostnames without dots from TLS SNI", is closed,
    // because the JDK does the same. Delete when both send it.
    if (HostPort.isHostName(serverName) && (proof != null || serverName.indexOf('.') < 0)) {
      setServerName(handler.engine(), serverName);
    }
    return bounded(handler, handshakeTimeout);
  }

  public OriginTrust trust() {
    return trust;
  }

  /** Releases the contexts. Handlers that are in use work until they are removed. */
  @Override
  public void close() {
    terminating.close();
    originating.close();
  }

  /** Whether the origin was verified in this handler's handshake; false for a resumed session. */
  public boolean hasVerified(SslHandler handler) {
    return provenOrigins.isMet(handler.engine());
  }

  private static void setServerName(SSLEngine engine, String serverName) {
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setServerNames(
        List.of(new SNIHostName(serverName.getBytes(StandardCharsets.US_ASCII))));
    engine.setSSLParameters(parameters);
  }

  private static SslHandler bounded(SslHandler handler, Duration handshakeTimeout) {
    handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
    handler.setCloseNotifyFlushTimeout(CLOSE_NOTIFY_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    return handler;
  }

  private SslContext newOriginatingContext(Originating side) {
    try {
      SslContext context =
          boringSsl(
              SslContextBuilder.forClient()
                  .trustManager(provenOrigins)
                  // For a single name the JDK also compares it, and refuses wildcards for public
                  // suffixes.
                  .endpointIdentificationAlgorithm(side.byProof() ? null : "HTTPS")
                  .keyManager(side.identity().map(OriginKeyManager::new).orElse(null))
                  .sslProvider(SslProvider.OPENSSL)
                  .protocols(labels(upstreamVersions))
                  .ciphers(upstreamSuites)
                  .applicationProtocolConfig(alpn(side.applicationProtocols()))
                  .sessionCacheSize(ORIGIN_SESSIONS)
                  .sessionTimeout(ORIGIN_SESSION_AGE.toSeconds())
                  .enableOcsp(true),
              upstreamGroups,
              false);
      // Only this makes a context without TLS 1.3 accept tickets.
      ((OpenSslSessionContext) context.sessionContext()).setTicketKeys();
      return context;
    } catch (SSLException broken) {
      throw new IllegalStateException("no TLS context for origins: " + broken.getMessage(), broken);
    }
  }

  /**
   * Builds a context with what all contexts of BoringSSL have in common.
   *
   * @param groups the groups for key exchanges, the preferred one first
   * @param tasks whether handshakes have tasks
   */
  private static SslContext boringSsl(SslContextBuilder builder, List<String> groups, boolean tasks)
      throws SSLException {
    SslContext context =
        builder
            .option(OpenSslContextOption.USE_TASKS, tasks)
            .option(OpenSslContextOption.GROUPS, groups.toArray(String[]::new))
            .build();
    ((ReferenceCountedOpenSslContext) context).setBioNonApplicationBufferSize(UNSENT_BYTES);
    return context;
  }

  private static String[] labels(List<TlsVersion> versions) {
    return versions.stream().map(TlsVersion::label).toArray(String[]::new);
  }

  private static ApplicationProtocolConfig alpn(List<String> names) {
    return names.isEmpty()
        ? ApplicationProtocolConfig.DISABLED
        : new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            names);
  }

  /**
   * The TLS contexts of the devices' side: one per policy, ALPN result and certificate, and with
   * shared ticket keys one per period of these keys. Thread-safe.
   */
  static final class DeviceContexts implements AutoCloseable {
    /**
     * The most TLS sessions in each context. With the limit of contexts, this bounds the memory.
     */
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
          policy.engine() == TlsEngine.BORINGSSL
              ? rsa.keyMethod(key.leaf().key())
              : Optional.empty();
      SslContextBuilder builder =
          SslContextBuilder.forServer(new LeafKeyManager(key.leaf(), keyMethod.isEmpty()))
              .sslProvider(policy.engine().provider())
              .clientAuth(ClientAuth.NONE)
              // Without it each context would parse the whole system trust store, although it is
              // never used. To report: "ReferenceCountedOpenSslServerContext loads the default
              // TrustManagerFactory also with ClientAuth.NONE." Delete when it does not.
              .trustManager(new NoDeviceCertificates())
              .applicationProtocolConfig(
                  alpn(key.applicationProtocol().map(List::of).orElse(List.of())))
              .sessionCacheSize(DEVICE_SESSIONS)
              .sessionTimeout(DEVICE_SESSION_AGE.toSeconds());
      try {
        return switch (policy.engine()) {
          case BORINGSSL -> withTickets(builder, key, keyMethod);
          case JDK -> jdk(builder, policy);
        };
      } catch (SSLException broken) {
        throw new IllegalStateException("no TLS context for " + policy + ": " + broken, broken);
      }
    }

    private SslContext withTickets(
        SslContextBuilder builder, Agreed key, Optional<OpenSslPrivateKeyMethod> keyMethod)
        throws SSLException {
      TlsPolicy policy = key.policy();
      // tcnative 2.0.84 calls a key method correctly only in a task, which runs on the event loop.
      // Upstream: netty-tcnative pull request 650, "Introduce the ability to run key-signing in an
      // fully async fashion". To report: "Without tasks, tcn_private_key_sign_java calls 'sign'
      // without the ResultCallback with which setPrivateKeyMethod has looked it up, and expects a
      // result of this void method." Delete the tasks when it works without them.
      keyMethod.ifPresent(
          method -> builder.option(OpenSslContextOption.PRIVATE_KEY_METHOD, method));
      SslContext context =
          boringSsl(
              builder.protocols(labels(policy.versions())).ciphers(policy.cipherSuites()),
              GROUPS,
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
}
