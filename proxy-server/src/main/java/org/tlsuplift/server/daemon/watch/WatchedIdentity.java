package org.tlsuplift.server.daemon.watch;

import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.server.config.secret.IdentityContent;
import org.tlsuplift.server.config.secret.KeyFiles;

/**
 * An operator's certificate whose files may be replaced while the daemon runs.
 *
 * <p>If the files are invalid, half written or do not match yet, the last valid identity stays in
 * use. Any thread may read the identity; one thread checks the files.
 */
public final class WatchedIdentity implements OriginIdentitySource {
  private static final Logger log = LoggerFactory.getLogger(WatchedIdentity.class);

  private final IdentityUse use;
  private final KeyFiles files;
  private volatile IdentityContent seen;
  private volatile OriginIdentity current;

  /** Replaced by a reload, which the log does not have yet; read and written by one thread. */
  private boolean renewed;

  private WatchedIdentity(
      IdentityUse use, KeyFiles files, IdentityContent seen, OriginIdentity current) {
    this.use = use;
    this.files = files;
    this.seen = seen;
    this.current = current;
  }

  /** Reads the files for the first time. */
  static WatchedIdentity open(IdentityUse use, KeyFiles files) throws OperatorException {
    IdentityContent content = IdentityContent.usable(files);
    OriginIdentity identity = content.identity();
    use.demand().check(identity);
    return new WatchedIdentity(use, files, content, identity);
  }

  /**
   * Reads the files for another configuration. If they have not changed, the identity stays the
   * same object, so that TLS sessions can be resumed.
   *
   * @param before the identities of the configuration before
   */
  static WatchedIdentity open(IdentityUse use, KeyFiles files, List<WatchedIdentity> before)
      throws OperatorException {
    WatchedIdentity opened = open(use, files);
    before.stream()
        .filter(each -> each.use.what().equals(use.what()))
        .findFirst()
        .ifPresent(
            each -> {
              if (each.seen.isSameAs(opened.seen)) {
                opened.current = each.current;
              } else {
                opened.renewed = true;
              }
            });
    return opened;
  }

  @Override
  public String name() {
    return use.name();
  }

  @Override
  public OriginIdentity current() {
    return current;
  }

  /** The remaining time of the current certificate. */
  public CertificateExpiry expiry(Instant now) {
    return CertificateExpiry.of(use, current, now);
  }

  /** Reads the files again, and loads them if they are new and valid. Blocks on the disk. */
  void look() {
    if (renewed) {
      renewed = false;
      logLoaded();
    }
    IdentityContent found = IdentityContent.read(files);
    if (found.isSameAs(seen)) {
      return;
    }
    seen = found;
    try {
      OriginIdentity identity = found.identity();
      use.demand().check(identity);
      current = identity;
      logLoaded();
    } catch (OperatorException unusable) {
      log.warn(
          "{} not loaded; {} stays in use: {}",
          use.what(),
          current.subject(),
          unusable.getMessage());
    }
  }

  private void logLoaded() {
    log.info(
        "{} loaded: {}, expires {}; {}",
        use.what(),
        current.subject(),
        current.expiresAt(),
        use.taken());
  }
}
