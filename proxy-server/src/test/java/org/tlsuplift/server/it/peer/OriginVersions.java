package org.tlsuplift.server.it.peer;

import java.nio.file.Path;
import org.tlsuplift.server.it.lab.Lab;

/**
 * The versions that a mail server agrees to.
 *
 * @param oldest the oldest, as OpenSSL says it
 * @param newest the newest
 */
public record OriginVersions(String oldest, String newest) {
  /** What is common today, and so is the floor of Microsoft. */
  public static final OriginVersions MODERN = new OriginVersions("TLSv1.2", "TLSv1.3");

  public static final OriginVersions ONLY_1_2 = new OriginVersions("TLSv1.2", "TLSv1.2");
  public static final OriginVersions ONLY_1_3 = new OriginVersions("TLSv1.3", "TLSv1.3");

  /** What a device can speak to without help. */
  public static final OriginVersions OLD = new OriginVersions("TLSv1", "TLSv1.3");

  /** Settings for programs that have no switch of their own. */
  public Path opensslConfig(Path folder) {
    return Lab.write(
        folder.resolve("openssl.cnf"),
        """
        openssl_conf = openssl_init
        [openssl_init]
        ssl_conf = ssl_section
        [ssl_section]
        system_default = defaults
        [defaults]
        MinProtocol = %s
        MaxProtocol = %s
        CipherString = ALL:@SECLEVEL=0
        """
            .formatted(oldest, newest));
  }

  @Override
  public String toString() {
    return oldest.equals(newest) ? oldest : oldest + " to " + newest;
  }
}
