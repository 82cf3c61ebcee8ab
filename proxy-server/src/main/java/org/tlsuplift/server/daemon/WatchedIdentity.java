package org.tlsuplift.server.daemon;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.server.config.IdentityContent;
import org.tlsuplift.server.config.ServerConfig;

/**
 * A client certificate whose files may be replaced while the daemon runs.
 *
 * <p>Files that do not fit, because they are broken or half written or only one of two has been
 * replaced yet, leave the last good identity in use. Any thread may ask for that; one looks.
 */
final class WatchedIdentity implements OriginIdentitySource {
  private static final Logger log = LoggerFactory.getLogger(WatchedIdentity.class);

  private final String destination;
  private final ServerConfig.KeyFiles files;
  private IdentityContent seen;
  private volatile OriginIdentity current;

  private WatchedIdentity(
      String destination,
      ServerConfig.KeyFiles files,
      IdentityContent seen,
      OriginIdentity current) {
    this.destination = destination;
    this.files = files;
    this.seen = seen;
    this.current = current;
  }

  /**
   * Reads the files for the first time.
   *
   * @param destination what routes call it
   */
  static WatchedIdentity open(String destination, ServerConfig.KeyFiles files)
      throws KeyFileException {
    IdentityContent content = IdentityContent.read(files);
    return new WatchedIdentity(destination, files, content, content.identity());
  }

  @Override
  public String name() {
    return destination;
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
          "client certificate for {} taken: {}, expires {}; connections from now on present it",
          destination,
          identity.subject(),
          identity.expiresAt());
    } catch (KeyFileException unusable) {
      log.warn(
          "client certificate for {} not replaced, {} stays in use: {}",
          destination,
          current.subject(),
          unusable.getMessage());
    }
  }
}
