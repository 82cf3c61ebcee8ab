package org.tlsuplift.proxy.route;

import java.net.InetAddress;

/**
 * Which addresses an origin may have. A name that matches a wildcard, or a list that somebody else
 * keeps, must not lead inside: its owner decides where it leads.
 *
 * @param named whether a route names the origin itself, which may then be anywhere
 * @param privateAddresses what applies to private networks
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

  /** What to do about an address that is refused, and what kind it is; for the operator. */
  public String remedy(InetAddress address) {
    AddressKind kind = AddressKind.of(address);
    boolean naming =
        kind != AddressKind.PRIVATE || privateAddresses == PrivateAddresses.WHERE_NAMED;
    return (naming ? "name it in 'routes' without *" : "")
        + (naming && kind == AddressKind.PRIVATE ? " or " : "")
        + (kind == AddressKind.PRIVATE ? "set 'upstream.allowPrivateAddresses: true'" : "")
        + " if devices may go there; its address "
        + address.getHostAddress()
        + " is "
        + kind.label();
  }
}
