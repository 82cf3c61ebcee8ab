package org.tlsuplift.server.daemon.watch;

/**
 * The use of an operator's certificate, for log lines.
 *
 * @param name the label in metrics: the destination of a client certificate
 * @param kind the kind of certificate, as part of a sentence
 * @param place the place of use, as the end of a sentence; may be empty
 * @param taken the effect of new files
 * @param refused the effect of expiry
 */
public record IdentityUse(String name, String kind, String place, String taken, String refused) {
  /** For the origins of a route. */
  public static IdentityUse client(String destination) {
    return new IdentityUse(
        destination,
        "client certificate",
        " for " + destination,
        "new connections present it",
        "origins reject it");
  }

  /** Its kind and place. */
  String what() {
    return kind + place;
  }

  /** For browsers and Prometheus. */
  static IdentityUse admin() {
    return new IdentityUse(
        "admin",
        "certificate of the admin port",
        "",
        "new connections get it",
        "browsers and Prometheus reject it");
  }
}
