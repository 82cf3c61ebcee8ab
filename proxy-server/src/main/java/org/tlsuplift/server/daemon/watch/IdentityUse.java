package org.tlsuplift.server.daemon.watch;

import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.server.config.CertificateChecks;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInTenant;

/**
 * The use of an operator's certificate, for log lines.
 *
 * @param name the label in metrics: the destination of a client certificate, a listener or a tenant
 * @param kind the kind of certificate, as part of a sentence
 * @param place the place of use, as the end of a sentence; may be empty
 * @param taken the effect of new files
 * @param refused the effect of expiry
 * @param remedy what the operator does before
 * @param demand what a certificate needs for this use
 */
public record IdentityUse(
    String name,
    String kind,
    String place,
    String taken,
    String refused,
    String remedy,
    Demand demand) {
  private static final String REPLACE =
      "replace its files with the renewed certificate; the daemon loads it without a restart";

  /** Checks a certificate for a use. */
  interface Demand {
    /**
     * @throws OperatorException with the cause and remedy, in one line
     */
    void check(OriginIdentity identity) throws OperatorException;
  }

  /** For the origins of a route. */
  public static IdentityUse client(String destination) {
    return new IdentityUse(
        destination,
        "client certificate",
        " for " + destination,
        "new connections present it",
        "origins reject it",
        REPLACE,
        any -> {});
  }

  /** For the devices of a listener. */
  public static IdentityUse listener(String name) {
    return new IdentityUse(
        name,
        "certificate of the listener " + name,
        "",
        "new sessions get it",
        "devices reject it",
        REPLACE,
        CertificateChecks::require);
  }

  /** What an operator does for the certificate of an application that did not renew itself. */
  public static String renewApplication(LoadedConfig loaded) {
    return "run '%s', and let an administrator of the tenant run its script; for files of your own, upload a renewed certificate to the application, and then replace the files"
        .formatted(loaded.command("tenant setup --new-certificate"));
  }

  /** For the application of a tenant at the identity platform. */
  static IdentityUse application(SignInTenant tenant, LoadedConfig loaded) {
    return new IdentityUse(
        tenant.name(),
        "certificate of application " + tenant.applicationId(),
        " (tenant " + tenant.name() + ")",
        "the next token request uses it",
        "Microsoft Entra rejects it",
        renewApplication(loaded),
        any -> {});
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
        "browsers and Prometheus reject it",
        REPLACE,
        any -> {});
  }
}
