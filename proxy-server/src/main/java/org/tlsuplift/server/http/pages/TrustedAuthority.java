package org.tlsuplift.server.http.pages;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.server.authority.KeptCa;

/**
 * A CA that devices must trust.
 *
 * @param listener the only listener that uses it; empty for the CA of all others
 * @param state whether it signs
 * @param ca its certificate and constraints
 * @param since when it was staged, or stopped signing; null for a CA that signs
 */
public record TrustedAuthority(
    Optional<String> listener, State state, IssuingCa ca, @Nullable Instant since) {
  /** Whether a CA signs. Each listener has one that signs, and perhaps a staged or previous one. */
  public enum State {
    /** It signs the certificates that devices see. */
    SIGNING,
    /** It signs after 'tls-uplift ca activate': devices should have both until then. */
    STAGED,
    /** It signed before, and 'tls-uplift ca undo' goes back to it. */
    PREVIOUS
  }

  public static TrustedAuthority signing(Optional<String> listener, IssuingCa ca) {
    return new TrustedAuthority(listener, State.SIGNING, ca, null);
  }

  /** A CA that is kept in addition to the one that signs. */
  public static TrustedAuthority kept(Optional<String> listener, KeptCa kept) {
    State state =
        switch (kept.role()) {
          case STAGED -> State.STAGED;
          case PREVIOUS -> State.PREVIOUS;
        };
    return new TrustedAuthority(listener, state, kept.ca(), kept.since());
  }

  /**
   * The name of its file without extension, as 'tls-uplift ca export' writes it; for CAs that a
   * device may need.
   */
  public String fileName() {
    return (state == State.STAGED ? "tls-uplift-staged-ca" : "tls-uplift-ca")
        + listener.map(name -> "-" + name).orElse("");
  }
}
