package org.tlsuplift.server.pages;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeptCa;

/**
 * A certificate authority that devices have to trust.
 *
 * @param listener the listener that has it for itself; empty for that of all others
 * @param state whether it signs
 * @param ca its certificate, and what it may sign
 * @param since when it was staged, or stopped signing; null for the one that signs
 */
public record TrustedAuthority(
    Optional<String> listener, State state, IssuingCa ca, @Nullable Instant since) {
  /** Whether an authority signs. Each listener has one that signs, and perhaps another one. */
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

  /** One that is kept beside the one that signs. */
  public static TrustedAuthority kept(Optional<String> listener, KeptCa kept) {
    State state =
        switch (kept.role()) {
          case STAGED -> State.STAGED;
          case PREVIOUS -> State.PREVIOUS;
        };
    return new TrustedAuthority(listener, state, kept.ca(), kept.since());
  }

  /**
   * The name of its file without the extension, as 'tls-uplift ca export' writes it; only of those
   * that a device may need.
   */
  public String fileName() {
    return (state == State.STAGED ? "tls-uplift-staged-ca" : "tls-uplift-ca")
        + listener.map(name -> "-" + name).orElse("");
  }
}
