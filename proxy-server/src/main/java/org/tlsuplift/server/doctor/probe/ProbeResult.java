package org.tlsuplift.server.doctor.probe;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsParameters;

/** What came of asking one address of an origin. */
public sealed interface ProbeResult {
  /** What was connected to: an address, or the origin where a proxy on the way resolves names. */
  HostPort place();

  /** The certificates that it showed, its own first; empty when none was seen. */
  List<X509Certificate> chain();

  /**
   * A verified handshake.
   *
   * @param place what was connected to
   * @param chain what it showed
   * @param agreed what was agreed
   * @param elapsed the time that the handshake took
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
   * @param place what was connected to
   * @param chain what it showed, if it did
   * @param reason the close reason that a session would end with
   * @param detail what happened and what to do, in one line
   */
  record Failed(HostPort place, List<X509Certificate> chain, CloseReason reason, String detail)
      implements ProbeResult {
    public Failed {
      chain = List.copyOf(chain);
    }
  }
}
