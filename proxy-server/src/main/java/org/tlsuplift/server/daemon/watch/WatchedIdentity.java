package org.tlsuplift.server.daemon.watch;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.check.IdentityContent;

/**
 * A certificate of the operator whose files may be replaced while the daemon runs.
 *
 * <p>Files that do not fit, because they are broken or half written or only one of two has been
 * replaced yet, leave the last good identity in use. Any thread may ask for that; one looks.
 */
public final class WatchedIdentity implements OriginIdentitySource {
  private static final Logger log = LoggerFactory.getLogger(WatchedIdentity.class);

  private final IdentityUse use;
  private final KeyFiles files;
  private IdentityContent seen;
  private volatile OriginIdentity current;

  private WatchedIdentity(
      IdentityUse use, KeyFiles files, IdentityContent seen, OriginIdentity current) {
    this.use = use;
    this.files = files;
    this.seen = seen;
    this.current = current;
  }

  /**
   * Reads the files for the first time.
   *
   * @param use what it is for
   */
  static WatchedIdentity open(IdentityUse use, KeyFiles files) throws KeyFileException {
    IdentityContent content = IdentityContent.read(files);
    return new WatchedIdentity(use, files, content, content.identity());
  }

  @Override
  public String name() {
    return use.name();
  }

  IdentityUse use() {
    return use;
  }

  @Override
  public OriginIdentity current() {
    return current;
  }

  /** Reads the files again, and takes what is new in them if it is good. Blocks on the disk. */
  void look() {
    IdentityContent found = IdentityContent.read(files);
    if (found.isSameAs(seen)) {
      return;
    }
    seen = found;
    try {
      OriginIdentity identity = found.identity();
      current = identity;
      log.info(
          "{} taken: {}, expires {}; {}",
          use.what(),
          identity.subject(),
          identity.expiresAt(),
          use.taken());
    } catch (KeyFileException unusable) {
      log.warn(
          "{} not replaced, {} stays in use: {}",
          use.what(),
          current.subject(),
          unusable.getMessage());
    }
  }
}
