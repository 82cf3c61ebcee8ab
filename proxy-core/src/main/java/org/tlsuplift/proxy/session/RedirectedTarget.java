package org.tlsuplift.proxy.session;

import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.session.SessionState.InspectingHello;

/**
 * What is different about a device that was redirected: it said nothing but an address, before its
 * ClientHello.
 */
final class RedirectedTarget {
  static final String LOOP =
      "this is one of the proxy's own connections, redirected back to it; exempt its traffic from"
          + " the nft rule, as config/nftables does";

  private RedirectedTarget() {}

  /**
   * The host in the SNI takes the place of the address, and is resolved here: else a device, or who
   * speaks through it, could name a host that is allowed and reach one that is not.
   *
   * <p>An origin of mail that is connected already stays where it is.
   */
  static InspectingHello aimed(InspectingHello inspecting, ClientHello hello) {
    String sni = hello.serverName();
    return sni == null || inspecting.origin() != null || !HostPort.isHostName(sni)
        ? inspecting
        : new InspectingHello(
            new HostPort(sni, inspecting.target().port()), inspecting.mail(), null);
  }
}
