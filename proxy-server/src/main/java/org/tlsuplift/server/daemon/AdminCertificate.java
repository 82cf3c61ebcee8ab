package org.tlsuplift.server.daemon;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.tls.TlsProfile;
import org.tlsuplift.server.http.AdminTls;

/** The TLS of the admin port: 1.2 and 1.3, with the current certificate. */
final class AdminCertificate implements AdminTls {
  private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(10);
  private static final Duration SIGNING_LIMIT = Duration.ofSeconds(30);

  private final TlsContexts contexts;
  private final Supplier<@Nullable Leaf> source;
  private Leaf current;

  /** Only one event loop may use it. The source returns null until a new leaf is ready. */
  private AdminCertificate(TlsContexts contexts, Leaf first, Supplier<@Nullable Leaf> source) {
    this.contexts = contexts;
    this.source = source;
    this.current = first;
  }

  /** The operator's certificate, from its files. */
  static AdminCertificate of(TlsContexts contexts, OriginIdentitySource files) {
    return new AdminCertificate(contexts, Leaf.of(files.current()), () -> Leaf.of(files.current()));
  }

  /**
   * A certificate from the daemon's CA, renewed before it expires. Blocks for the first one.
   *
   * @param names at least one
   * @throws OperatorException if the CA may not sign it or fails
   */
  static AdminCertificate signedBy(
      CertificateSource authority, List<String> names, TlsContexts contexts)
      throws OperatorException {
    List<String> forbidden = names.stream().filter(name -> !authority.maySign(name)).toList();
    if (!forbidden.isEmpty()) {
      throw failed(
          "the CA may not sign for %s; set a certificate and key in admin.tls, or run 'tls-uplift ca stage', install the staged CA on the devices, and run 'tls-uplift ca activate'"
              .formatted(String.join(", ", forbidden)),
          null);
    }
    try {
      Leaf first =
          authority
              .leafFor(names)
              .toCompletableFuture()
              .get(SIGNING_LIMIT.toSeconds(), TimeUnit.SECONDS);
      return new AdminCertificate(contexts, first, () -> signed(authority, names));
    } catch (ExecutionException failed) {
      Throwable cause = failed.getCause();
      throw failed(String.valueOf((cause == null ? failed : cause).getMessage()), failed);
    } catch (TimeoutException slow) {
      throw failed("the CA has not signed within " + SIGNING_LIMIT.toSeconds() + " s", slow);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw failed("interrupted while signing", interrupted);
    }
  }

  /** Returns null until the leaf is signed. */
  private static @Nullable Leaf signed(CertificateSource authority, List<String> names) {
    CompletableFuture<Leaf> next = authority.leafFor(names).toCompletableFuture();
    return next.isDone() && !next.isCompletedExceptionally() ? next.join() : null;
  }

  private static OperatorException failed(String why, @Nullable Exception cause) {
    return new OperatorException("admin.tls: " + why, cause);
  }

  @Override
  public ChannelHandler handler(ByteBufAllocator allocator) {
    return contexts.terminate(allocator, TlsProfile.OWN_PAGES, "http/1.1", leaf(), HANDSHAKE_LIMIT);
  }

  /** The newest signed leaf. */
  private Leaf leaf() {
    Leaf next = source.get();
    if (next != null) {
      current = next;
    }
    return current;
  }

  @Override
  public void close() {
    contexts.close();
  }
}
