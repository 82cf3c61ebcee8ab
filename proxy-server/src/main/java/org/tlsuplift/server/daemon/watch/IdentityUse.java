package org.tlsuplift.server.daemon.watch;

/**
 * The purpose of a certificate of the operator, in the words of its log lines.
 *
 * @param name for metrics: the destination of a client certificate
 * @param kind what it is
 * @param place where it is used, as the end of a sentence about it; may be empty
 * @param taken what happens when its files were replaced
 * @param refused what happens when it has expired
 */
public record IdentityUse(String name, String kind, String place, String taken, String refused) {
  /** It is presented to the origins of a route. */
  public static IdentityUse client(String destination) {
    return new IdentityUse(
        destination,
        "client certificate",
        " for " + destination,
        "connections from now on present it",
        "origins refuse it");
  }

  /** What it is and where it is used. */
  String what() {
    return kind + place;
  }

  /** It is shown to browsers and to Prometheus. */
  static IdentityUse admin() {
    return new IdentityUse(
        "admin",
        "certificate of the admin port",
        "",
        "connections from now on are shown it",
        "browsers and Prometheus refuse it");
  }
}
