package org.tlsuplift.server.it.peer;

import java.net.InetSocketAddress;
import java.util.List;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Resources;

/**
 * oidc-provider, a certified OpenID provider. Its users boss, intern and guest have any password.
 *
 * @param issuer with an address as its host, so that pages at localhost are another site
 */
public record OidcProvider(String issuer) {
  /** Its client, whose tokens have the algorithm PS256. */
  public static final String CLIENT = "secret";

  public static final String SECRET = "a secret: 100%";

  /**
   * Starts one that ends with the lab.
   *
   * @param identity for 127.0.0.1
   * @param redirectUri of the client
   */
  public static OidcProvider start(Lab lab, Identity identity, String redirectUri) {
    InetSocketAddress address = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    lab.add(
            Child.start(
                new ProcessBuilder(
                    List.of(
                        Peers.require("node"),
                        Resources.path("oidc-provider.mjs").toString(),
                        Peers.oidcProvider().toString(),
                        Integer.toString(address.getPort()),
                        identity.keyFile().toString(),
                        identity.certificateFile().toString(),
                        redirectUri))))
        .awaitListening(List.of(address));
    return new OidcProvider("https://" + Loopback.text(address));
  }
}
