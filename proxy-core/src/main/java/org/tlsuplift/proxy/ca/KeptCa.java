package org.tlsuplift.proxy.ca;

import java.nio.file.Path;
import java.time.Instant;

/**
 * A CA that lies beside the one that signs, with its key.
 *
 * @param since when it was staged, or when another one took its place
 * @param certificateFile where its certificate is
 */
public record KeptCa(Role role, IssuingCa ca, Instant since, Path certificateFile) {
  /** Why it is kept. */
  public enum Role {
    /** It signs after the operator activates it. */
    STAGED("staged"),
    /** It signed before the present one was activated. */
    PREVIOUS("previous");

    private final String folder;

    Role(String folder) {
      this.folder = folder;
    }

    /** Its own directory below that of the CA that signs. */
    String folder() {
      return folder;
    }
  }

  public String sha256() {
    return CaExport.sha256(ca.anchor());
  }
}
