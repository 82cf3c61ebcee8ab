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
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.tls.TlsProfile;
import org.tlsuplift.server.admin.AdminTls;

/** The TLS of the admin port: 1.2 and 1.3, with the certificate that is current. */
final class AdminCertificate implements AdminTls {
  private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(10);
  private static final Duration SIGNING_LIMIT = Duration.ofSeconds(30);

  private final TlsContexts contexts;
  private final Supplier<Leaf> leaf;

  private AdminCertificate(TlsContexts contexts, Supplier<Leaf> leaf) {
    this.contexts = contexts;
    this.leaf = leaf;
  }

  /** The operator's, as it is in its files. */
  static AdminCertificate of(TlsContexts contexts, OriginIdentitySource files) {
    return new AdminCertificate(contexts, new OfFiles(files));
  }

  /**
   * One that our own authority signs, and signs anew before it expires. Blocks for the first.
   *
   * @param names what it carries; at least one
   * @throws StartFailedException when the authority may not or cannot sign it
   */
  static AdminCertificate signedBy(
      CertificateSource authority, List<String> names, TlsContexts contexts)
      throws StartFailedException {
    List<String> forbidden = names.stream().filter(name -> !authority.maySign(name)).toList();
    if (!forbidden.isEmpty()) {
      throw failed(
          "the certificate authority may not sign for "
              + String.join(", ", forbidden)
              + ", which it was made without; give admin.tls a certificate and key, or run"
              + " 'tls-uplift ca rotate' and give the devices the new certificate",
          null);
    }
    try {
      Leaf first =
          authority
              .leafFor(names)
              .toCompletableFuture()
              .get(SIGNING_LIMIT.toSeconds(), TimeUnit.SECONDS);
      return new AdminCertificate(contexts, new Signed(authority, names, first));
    } catch (ExecutionException | TimeoutException failed) {
      throw failed(String.valueOf(failed.getMessage()), failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw failed("interrupted while signing", interrupted);
    }
  }

  private static StartFailedException failed(String why, @Nullable Exception cause) {
    return new StartFailedException("admin.tls: " + why, cause);
  }

  @Override
  public ChannelHandler handler(ByteBufAllocator allocator) {
    return contexts.terminate(
        allocator, TlsProfile.OWN_PAGES, "http/1.1", leaf.get(), HANDSHAKE_LIMIT);
  }

  /**
   * The leaf that is current, and the one before, since whoever is being shown it needs it until he
   * has seen it: less than between two replacements. Of one event loop.
   */
  private static final class Latest {
    private Leaf current;
    private Leaf before;

    Latest(Leaf first) {
      current = first;
      before = first;
    }

    Leaf replacedBy(Leaf next) {
      if (!next.alias().equals(current.alias())) {
        before = current;
        current = next;
      }
      return current;
    }

    @Override
    public String toString() {
      return current.alias() + " after " + before.alias();
    }
  }

  /** One for as long as the files hold the same. Of one event loop. */
  private static final class OfFiles implements Supplier<Leaf> {
    private final OriginIdentitySource files;
    private final Latest latest;

    OfFiles(OriginIdentitySource files) {
      this.files = files;
      this.latest = new Latest(Leaf.of(files.current()));
    }

    @Override
    public Leaf get() {
      return latest.replacedBy(Leaf.of(files.current()));
    }
  }

  /** The last one for as long as the next one is being signed. Of one event loop. */
  private static final class Signed implements Supplier<Leaf> {
    private final CertificateSource authority;
    private final List<String> names;
    private final Latest latest;
    private Leaf last;

    Signed(CertificateSource authority, List<String> names, Leaf first) {
      this.authority = authority;
      this.names = names;
      this.latest = new Latest(first);
      this.last = first;
    }

    @Override
    public Leaf get() {
      CompletableFuture<Leaf> next = authority.leafFor(names).toCompletableFuture();
      if (next.isDone() && !next.isCompletedExceptionally()) {
        last = next.join();
      }
      return latest.replacedBy(last);
    }
  }
}
