package org.tlsuplift.proxy.upstream;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.Staples;
import org.tlsuplift.proxy.tls.chain.CertificateStatus;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.proxy.tls.chain.OcspResponses;
import org.tlsuplift.proxy.tls.chain.RevocationLists;
import org.tlsuplift.proxy.tls.chain.StatusSources;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginDialer;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;

/**
 * Checks whether an origin's certificate was revoked, if the origin stapled no response and the
 * mode requires a query: by OCSP (RFC 6960), then by CRL (RFC 5280).
 *
 * <p>Only the origin's own certificate is checked, also in resumed sessions. Each query has a
 * timeout of three seconds. A certificate has at most one query at a time, and at most 32
 * certificates are queried at once. A result is cached until the issuer's next update, for at most
 * one hour, and a failure for one minute. The cache has at most 4,096 entries. Thread-safe.
 */
public final class Revocation {
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final Duration MAX_LIFETIME = Duration.ofHours(1);
  private static final Duration MIN_LIFETIME = Duration.ofMinutes(1);
  private static final int MAX_REMEMBERED = 4096;
  private static final int MAX_ASKED = 32;
  private static final int MAX_SHOWN = 60;

  private final RevocationMode mode;
  private final OriginTrust trust;
  private final StatusFetch fetch;
  private final AtomicInteger asked;
  private final ExecutorService reader;
  private final AsyncCache<String, CertificateStatus> statuses;

  public Revocation(RevocationMode mode, OriginTrust trust, OriginDialer dial) {
    this(mode, trust, dial, new AtomicInteger(), reader(), statuses());
  }

  private static AsyncCache<String, CertificateStatus> statuses() {
    return Caffeine.newBuilder()
        .maximumSize(MAX_REMEMBERED)
        .expireAfter(Expiry.creating(Revocation::lifetime))
        .executor(Runnable::run)
        .buildAsync();
  }

  private Revocation(
      RevocationMode mode,
      OriginTrust trust,
      OriginDialer dial,
      AtomicInteger asked,
      ExecutorService reader,
      AsyncCache<String, CertificateStatus> statuses) {
    this.mode = mode;
    this.trust = trust;
    this.fetch = new StatusFetch(dial, new StatusAddresses(trust.isOwn()), LIMIT);
    this.asked = asked;
    this.reader = reader;
    this.statuses = statuses;
  }

  /**
   * Checks with other settings. The limits are shared, and with the same roots the known states
   * too.
   */
  Revocation with(RevocationMode otherMode, OriginTrust otherTrust, OriginDialer dial) {
    return new Revocation(
        otherMode,
        otherTrust,
        dial,
        asked,
        reader,
        otherTrust.equals(trust) ? statuses : statuses());
  }

  /**
   * The result of a check.
   *
   * @param check the value for the metric
   * @param objection why the origin is refused; {@link Explanation#NONE} if it is accepted
   */
  record Result(RevocationCheck check, Explanation objection) {
    static Result accepted(RevocationCheck check) {
      return new Result(check, Explanation.NONE);
    }

    boolean isAccepted() {
      return objection.equals(Explanation.NONE);
    }
  }

  /** Checks an origin after its handshake. The future completes on the event loop. */
  Future<Result> check(EventLoop loop, SslHandler tls) {
    if (Staples.isPresent(tls.engine())) {
      return loop.newSucceededFuture(Result.accepted(RevocationCheck.STAPLED));
    }
    if (mode == RevocationMode.STAPLED) {
      return loop.newSucceededFuture(Result.accepted(RevocationCheck.NOT_CHECKED));
    }
    List<X509Certificate> shown = OriginConnection.chain(tls);
    Optional<X509Certificate> issuer = shown.isEmpty() ? Optional.empty() : trust.issuer(shown);
    if (issuer.isEmpty()) {
      return loop.newSucceededFuture(
          result(new CertificateStatus.Unknown("the certificate's issuer is unknown")));
    }
    Promise<Result> promise = loop.newPromise();
    var unused =
        statuses
            .get(
                Fingerprint.sha256(shown.get(0)),
                (key, executor) -> status(loop, shown.get(0), issuer.get()))
            .whenComplete(
                (status, failure) -> {
                  if (status == null) {
                    promise.tryFailure(failure);
                  } else {
                    promise.trySuccess(result(status));
                  }
                });
    return promise;
  }

  private Result result(CertificateStatus status) {
    if (status instanceof CertificateStatus.Revoked revoked) {
      return new Result(
          RevocationCheck.REVOKED,
          Explanation.of("the origin's certificate was revoked (%s)".formatted(revoked.detail())));
    }
    if (status instanceof CertificateStatus.Unknown unknown) {
      return new Result(
          RevocationCheck.UNANSWERED,
          mode == RevocationMode.HARD
              ? Explanation.of(
                  "revocation unknown: " + unknown.why(),
                  "let this machine reach the issuer, or set 'upstream.revocation: soft'")
              : Explanation.NONE);
    }
    if (!(status instanceof CertificateStatus.Good)) {
      throw new UnhandledVariantException(status);
    }
    return Result.accepted(RevocationCheck.ASKED);
  }

  private CompletableFuture<CertificateStatus> status(
      EventLoop loop, X509Certificate certificate, X509Certificate issuer) {
    Optional<String> responder = StatusSources.responder(certificate);
    Optional<String> list = StatusSources.list(certificate);
    if (StatusSources.isNeverRevoked(certificate)) {
      return CompletableFuture.completedFuture(
          new CertificateStatus.Good(certificate.getNotAfter().toInstant()));
    }
    if (responder.isEmpty() && list.isEmpty()) {
      return unknown("the certificate has no http OCSP or CRL address");
    }
    if (asked.incrementAndGet() > MAX_ASKED) {
      asked.decrementAndGet();
      return unknown("too many revocation queries are running");
    }
    CompletableFuture<CertificateStatus> first =
        responder.isPresent()
            ? ask(
                loop,
                responder.get(),
                OcspResponses.request(certificate, issuer),
                OcspResponses.MAX_BYTES,
                bytes -> OcspResponses.read(bytes, certificate, issuer, Instant.now()))
            : unknown("");
    return first
        .thenCompose(
            status ->
                status instanceof CertificateStatus.Unknown && list.isPresent()
                    ? ask(
                        loop,
                        list.get(),
                        null,
                        RevocationLists.MAX_BYTES,
                        bytes ->
                            RevocationLists.read(
                                bytes, certificate, issuer, list.get(), Instant.now()))
                    : CompletableFuture.completedFuture(status))
        .whenComplete((status, failure) -> asked.decrementAndGet());
  }

  /** Fetches a response and reads it on a separate thread, because a CRL can have megabytes. */
  private CompletableFuture<CertificateStatus> ask(
      EventLoop loop,
      String address,
      byte @Nullable [] question,
      int maxBytes,
      Function<byte[], CertificateStatus> read) {
    CompletableFuture<CertificateStatus> status = new CompletableFuture<>();
    String who = ShortText.cut(address, MAX_SHOWN);
    Runnable start =
        () -> {
          Future<byte[]> answer = fetch.fetch(loop, address, question, maxBytes);
          answer.addListener(
              done -> {
                if (!answer.isSuccess()) {
                  status.complete(
                      new CertificateStatus.Unknown(who + ": " + answer.cause().getMessage()));
                  return;
                }
                try {
                  reader.execute(() -> status.complete(named(who, read.apply(answer.getNow()))));
                } catch (RejectedExecutionException full) {
                  status.complete(
                      new CertificateStatus.Unknown("too many revocation responses are waiting"));
                }
              });
        };
    try {
      loop.execute(start);
    } catch (RejectedExecutionException stopped) {
      status.complete(new CertificateStatus.Unknown("the proxy is stopping"));
    }
    return status;
  }

  private static CertificateStatus named(String who, CertificateStatus status) {
    return status instanceof CertificateStatus.Unknown unknown
        ? new CertificateStatus.Unknown("the response from " + who + " " + unknown.why())
        : status;
  }

  private static CompletableFuture<CertificateStatus> unknown(String why) {
    return CompletableFuture.completedFuture(new CertificateStatus.Unknown(why));
  }

  private static Duration lifetime(String key, CertificateStatus status) {
    if (status instanceof CertificateStatus.Unknown) {
      return MIN_LIFETIME;
    }
    Duration until =
        status instanceof CertificateStatus.Good good
            ? Duration.between(Instant.now(), good.until())
            : MAX_LIFETIME;
    return until.compareTo(MAX_LIFETIME) > 0
        ? MAX_LIFETIME
        : until.compareTo(MIN_LIFETIME) < 0 ? MIN_LIFETIME : until;
  }

  private static ExecutorService reader() {
    ThreadPoolExecutor one =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_ASKED),
            task -> {
              Thread thread = new Thread(task, "revocation");
              thread.setDaemon(true);
              return thread;
            });
    one.allowCoreThreadTimeOut(true);
    return one;
  }
}
