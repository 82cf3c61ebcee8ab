package org.tlsuplift.server.doctor;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.outcome.CloseReason;

/** The result for one address of an origin. */
public sealed interface ProbeResult {
  /** The address, or the origin itself if an upstream proxy resolves names. */
  HostPort place();

  /** The certificates that the origin sent, its own first; empty for none. */
  List<X509Certificate> chain();

  /**
   * A verified handshake.
   *
   * @param elapsed the duration of the handshake
   */
  record Agreed(HostPort place, List<X509Certificate> chain, TlsParameters agreed, Duration elapsed)
      implements ProbeResult {
    public Agreed {
      chain = List.copyOf(chain);
    }
  }

  /**
   * A connection or handshake that failed.
   *
   * @param reason the close reason that a session would have
   * @param detail the cause and the remedy, in one line
   */
  record Failed(HostPort place, List<X509Certificate> chain, CloseReason reason, String detail)
      implements ProbeResult {
    public Failed {
      chain = List.copyOf(chain);
    }
  }
}
