package org.tlsuplift.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.netty.EngineWatch;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.tls.AgreedParameters;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.tls.failure.OriginFailures;
import org.tlsuplift.proxy.tls.hello.KeyExchangeWatch;
import org.tlsuplift.proxy.upstream.dial.OriginDialer;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;

/** Originates TLS on a connected channel, and verifies the origin. Thread-safe. */
public final class OriginVerification {
  private final TlsContexts contexts;
  private final Map<String, OriginIdentitySource> identities;
  private final Duration timeout;
  private final Revocation revocation;

  /**
   * Creates a verification for any number of origins.
   *
   * @param revocation checks certificates after the handshake
   * @param identities client certificates; routes refer to their names
   * @param timeout the limit of each handshake
   */
  public OriginVerification(
      TlsContexts contexts,
      Revocation revocation,
      List<OriginIdentitySource> identities,
      Duration timeout) {
    this.contexts = contexts;
    this.revocation = revocation;
    this.identities =
        identities.stream()
            .collect(Collectors.toUnmodifiableMap(OriginIdentitySource::name, Function.identity()));
    this.timeout = timeout;
  }

  /** A verification with other settings, which keeps known revocation states if possible. */
  public OriginVerification with(
      TlsContexts otherContexts,
      RevocationMode mode,
      OriginDialer dial,
      List<OriginIdentitySource> otherIdentities,
      Duration otherTimeout) {
    return new OriginVerification(
        otherContexts,
        revocation.with(mode, otherContexts.trust(), dial),
        otherIdentities,
        otherTimeout);
  }

  /**
   * Adds TLS before {@link UpstreamInitializer#HOLD} and completes the handshake. Call it on the
   * channel's event loop.
   *
   * @param bridge the origin, its name, and the proof of that name
   * @param applicationProtocols ALPN names to offer; empty for none
   * @param afterStartTls whether the origin has just accepted STARTTLS
   * @return fails with an {@link OriginUnavailableException}, and then the channel is closed
   */
  public Future<OriginHandshake> handshake(
      Channel channel,
      RouteDecision.Bridge bridge,
      List<String> applicationProtocols,
      boolean afterStartTls) {
    OriginIdentity identity = identity(bridge.clientCertificate());
    long started = System.nanoTime();
    SslHandler tls =
        contexts.originate(
            channel.alloc(),
            bridge.proof(),
            bridge.serverName(),
            bridge.origin().port(),
            applicationProtocols,
            identity,
            timeout);
    KeyExchangeWatch keyExchange = new KeyExchangeWatch();
    channel
        .pipeline()
        .addBefore(UpstreamInitializer.HOLD, UpstreamInitializer.KEY_EXCHANGE, keyExchange)
        .addBefore(UpstreamInitializer.HOLD, UpstreamInitializer.TLS, tls);
    Promise<OriginHandshake> promise = channel.eventLoop().newPromise();
    tls.handshakeFuture()
        .addListener(
            done -> {
              Duration elapsed = Duration.ofNanos(System.nanoTime() - started);
              if (done.isSuccess()) {
                EngineWatch.add(channel.pipeline(), UpstreamInitializer.TLS_WATCH, false);
                TlsParameters agreed = AgreedParameters.of(tls, keyExchange.group());
                checkRevocation(channel, bridge, tls, agreed, elapsed, promise);
                return;
              }
              var unused = channel.close();
              OriginFailures failure =
                  keyExchange.weakHash() == null
                      ? OriginFailures.of(done.cause(), identity, contexts.hasVerified(tls))
                      : OriginFailures.weakSignature(keyExchange.weakHash());
              boolean injected = afterStartTls && done.cause() instanceof NotSslRecordException;
              CloseReason reason =
                  injected ? CloseReason.PLAINTEXT_AFTER_STARTTLS : failure.reason();
              promise.setFailure(
                  new OriginUnavailableException(
                      reason,
                      bridge.origin(),
                      failure.why(),
                      new OriginHandshake(reason, null, elapsed, failure.revocation())));
            });
    return promise;
  }

  /** Checks revocation. No data from the device is sent before the result. */
  private void checkRevocation(
      Channel channel,
      RouteDecision.Bridge bridge,
      SslHandler tls,
      TlsParameters agreed,
      Duration elapsed,
      Promise<OriginHandshake> promise) {
    Future<Revocation.Result> asked = revocation.check(channel.eventLoop(), tls);
    asked.addListener(
        done -> {
          if (!asked.isSuccess()) {
            var unused = channel.close();
            promise.setFailure(asked.cause());
            return;
          }
          Revocation.Result result = asked.getNow();
          if (result.isAccepted()) {
            promise.setSuccess(new OriginHandshake(null, agreed, elapsed, result.check()));
            return;
          }
          var unused = channel.close();
          CloseReason reason = OriginFailures.reason(result.check());
          promise.setFailure(
              new OriginUnavailableException(
                  reason,
                  bridge.origin(),
                  result.objection(),
                  new OriginHandshake(reason, null, elapsed, result.check())));
        });
  }

  private @Nullable OriginIdentity identity(@Nullable String name) {
    if (name == null) {
      return null;
    }
    OriginIdentitySource source = identities.get(name);
    if (source == null) {
      throw new IllegalArgumentException("client certificate '" + name + "': not configured");
    }
    return source.current();
  }
}
