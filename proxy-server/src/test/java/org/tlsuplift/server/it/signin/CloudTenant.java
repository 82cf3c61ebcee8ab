package org.tlsuplift.server.it.signin;

import java.util.List;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;
import org.tlsuplift.server.testing.platform.PlatformRequest;

/**
 * A tenant in the cloud, whose origins and platform have certificates of one authority.
 *
 * @param lab what it ends with
 * @param ca the authority
 * @param platform its identity platform
 * @param app the application that is registered for the daemon
 */
record CloudTenant(Lab lab, TestCa ca, IdentityPlatform platform, AppRegistration app) {
  /** Starts one without mailboxes. */
  static CloudTenant start(Lab lab) {
    return start(lab, new TestCa(lab));
  }

  /** Starts another one, whose origins and platform have certificates of the same authority. */
  static CloudTenant start(Lab lab, TestCa ca) {
    Identity identity = ca.issue("localhost");
    IdentityPlatform platform =
        lab.add(IdentityPlatform.start(identity.key(), identity.certificate()));
    return new CloudTenant(lab, ca, platform, platform.register());
  }

  /** This tenant with another application. */
  CloudTenant withAnotherApplication() {
    return new CloudTenant(lab, ca, platform, platform.register());
  }

  /** The requests for tokens of the application. */
  List<PlatformRequest> tokenRequests() {
    return platform.tokenRequests().stream()
        .filter(request -> request.get("client_id").equals(app.id()))
        .toList();
  }

  /** Its mailboxes, as applications reach them. */
  CloudOffice office(PostfixPort... more) {
    return CloudOffice.forApplications(lab, ca.issue("localhost"), platform, more);
  }

  /** Its High Volume Email. */
  PostOffice highVolume() {
    return CloudOffice.ofHighVolume(lab, ca.issue("localhost"), platform);
  }

  /**
   * A line of {@code signIn.tenants}.
   *
   * @param proof settings by which tokens are had, and further ones
   */
  String named(String name, String proof) {
    return "{name: %s, tenant: %s, applicationId: %s, authority: \"%s\", %s}"
        .formatted(name, platform.tenant(), app.id(), platform.url(), proof);
  }

  /** Its mailboxes, as their users reach them. */
  PostOffice officeForUsers() {
    return CloudOffice.forUsers(lab, ca.issue("localhost"), platform);
  }

  /** Settings by which the application proves itself with a new secret. */
  String bySecret() {
    return bySecret(app.newSecret());
  }

  /** Settings by which the application proves itself with this secret. */
  String bySecret(String secret) {
    return "clientSecretFile: " + Lab.privately(lab.file("client.secret", secret + "\n"));
  }

  /** Settings by which the application proves itself with a new certificate. */
  String byCertificate() {
    return byCertificate(ca.issue("TLS Uplift"));
  }

  /** Settings by which the application proves itself with this certificate. */
  String byCertificate(Identity own) {
    app.add(own.certificate());
    return "certificate: {certificate: %s, key: %s}"
        .formatted(own.certificateFile(), Lab.privately(own.keyFile()));
  }

  /**
   * A whole configuration for one tenant.
   *
   * @param proof a line of settings by which tokens are had
   * @param accounts one line for each
   * @param listeners those that sign devices in, and others
   */
  String yaml(String proof, Iterable<String> accounts, MailListener... listeners) {
    return MailListener.yaml(ca, listeners)
        + """
        signIn:
          tenant: %s
          applicationId: %s
          authority: %s
          %s
        """
            .formatted(platform.tenant(), app.id(), platform.url(), proof)
        + limitsAnd(accounts);
  }

  /**
   * A whole configuration for several tenants.
   *
   * @param tenants one line for each, see {@link #named}
   * @param accounts one line for each, with its tenant
   */
  String yaml(List<String> tenants, Iterable<String> accounts, MailListener... listeners) {
    return MailListener.yaml(ca, listeners)
        + """
        signIn:
          tenants:
            - %s
        """
            .formatted(String.join("\n    - ", tenants))
        + limitsAnd(accounts);
  }

  private static String limitsAnd(Iterable<String> accounts) {
    return """
      limits: {messagesPerMinute: 6000, maximumWait: 5s}
      accounts:
        - %s
    """
        .formatted(String.join("\n    - ", accounts));
  }
}
