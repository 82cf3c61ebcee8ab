package org.tlsuplift.proxy.route;

import java.net.InetAddress;
import org.tlsuplift.proxy.model.Explanation;

/**
 * The addresses that an origin may have. Other people control where the names of a wildcard or of
 * an endpoint list resolve to, so such names must not lead into the local network.
 *
 * @param named whether a route lists the origin itself; it may then have any address
 * @param privateAddresses the rule for private networks
 */
public record AddressScope(boolean named, PrivateAddresses privateAddresses) {
  public static final AddressScope ANY = new AddressScope(true, PrivateAddresses.ALWAYS);

  public boolean allows(InetAddress address) {
    return switch (AddressKind.of(address)) {
      case PUBLIC -> true;
      case LOOPBACK, UNSPECIFIED, LINK_LOCAL, MULTICAST -> named;
      case PRIVATE ->
          switch (privateAddresses) {
            case ALWAYS -> true;
            case WHERE_NAMED -> named;
            case NEVER -> false;
          };
    };
  }

  /** The remedy for a refused address, and the address with its kind. */
  public Explanation refusal(InetAddress address) {
    AddressKind kind = AddressKind.of(address);
    boolean naming =
        kind != AddressKind.PRIVATE || privateAddresses == PrivateAddresses.WHERE_NAMED;
    return Explanation.of(
        "its address " + address.getHostAddress() + " is " + kind.label(),
        "if wanted, "
            + (naming ? "name it in 'routes' without *" : "")
            + (naming && kind == AddressKind.PRIVATE ? " or " : "")
            + (kind == AddressKind.PRIVATE ? "set 'upstream.allowPrivateAddresses: true'" : ""));
  }
}
