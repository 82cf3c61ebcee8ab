package org.tlsuplift.server.authority;

import java.nio.file.Path;
import java.time.Instant;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.tls.chain.Fingerprint;

/**
 * A CA, with its key, that is kept in addition to the signing CA.
 *
 * @param since when the CA was staged, or when another CA replaced it
 * @param certificateFile the path of its certificate
 */
public record KeptCa(Role role, IssuingCa ca, Instant since, Path certificateFile) {
  /** The reason why a CA is kept. */
  public enum Role {
    /** The CA signs after the operator activates it. */
    STAGED("staged"),
    /** The CA signed before the current CA was activated. */
    PREVIOUS("previous");

    private final String folder;

    Role(String folder) {
      this.folder = folder;
    }

    /** The directory's name below the directory of the signing CA. */
    String folder() {
      return folder;
    }
  }

  public String sha256() {
    return Fingerprint.sha256(ca.anchor());
  }
}
