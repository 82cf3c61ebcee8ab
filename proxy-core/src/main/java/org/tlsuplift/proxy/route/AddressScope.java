package org.tlsuplift.proxy.route;

import java.net.InetAddress;

/**
 * The addresses that an origin may have. A name that matches a wildcard, or a list that somebody
 * else maintains, must not lead inside: its owner decides where it leads.
 *
 * @param named whether a route names the origin itself, which may then be anywhere
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

  /** For the operator: what to do about a refused address, and its kind. */
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
