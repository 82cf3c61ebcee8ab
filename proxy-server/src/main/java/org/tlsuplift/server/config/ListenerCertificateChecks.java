package org.tlsuplift.server.config;

import org.tlsuplift.server.config.secret.IdentityContent;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.tlsuplift.proxy.keyfile.CertificatePath;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.route.SignableNames;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks the operator's certificates for the devices of listeners. */
public final class ListenerCertificateChecks {
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String ANY_PURPOSE = "2.5.29.37.0";

  private ListenerCertificateChecks() {}

  static void check(ServerConfig config, Problems problems) {
    for (int i = 0; i < config.listeners().size(); i++) {
      ListenerConfig listener = config.listeners().get(i);
      KeyFiles files = listener.certificate().files();
      String at = "listeners[" + i + "].certificate";
      if (files != null && problems.clean(at) && FileChecks.readable(at, files, problems)) {
        check(at, files, listener, config, problems);
      }
    }
  }

  private static void check(
      String at, KeyFiles files, ListenerConfig listener, ServerConfig config, Problems problems) {
    OriginIdentity identity;
    try {
      IdentityContent content = IdentityContent.read(files);
      identity = content.identity();
      require(identity);
      chain(at, content, identity, problems);
    } catch (KeyFileException unusable) {
      problems.error(at, String.valueOf(unusable.getMessage()), "", "");
      return;
    }
    purpose(at, identity, problems);
    names(at, CertificateNames.of(identity.certificate()), listener, config, problems);
    ClientCertificateChecks.secrecy(
        at, files, "anyone with this file can impersonate this listener", problems);
  }

  /**
   * What a certificate needs to serve devices at all; also of files that replace it.
   *
   * @throws KeyFileException with the cause and remedy, in one line
   */
  public static void require(OriginIdentity identity) throws KeyFileException {
    X509Certificate certificate = identity.certificate();
    if (!certificate.getPublicKey().getAlgorithm().equals("RSA")) {
      throw new KeyFileException(
          "the certificate of "
              + identity.subject()
              + " has a key of type "
              + certificate.getPublicKey().getAlgorithm()
              + "; old devices need RSA; get a certificate with an RSA key");
    }
    CertificateNames names = CertificateNames.of(certificate);
    if (names.hosts().isEmpty() && names.addresses().isEmpty()) {
      throw new KeyFileException(
          "the certificate of "
              + identity.subject()
              + " has no host name or address in subjectAltName; get one with the name by which devices reach this machine");
    }
  }

  private static void purpose(String at, OriginIdentity identity, Problems problems) {
    try {
      List<String> purposes = identity.certificate().getExtendedKeyUsage();
      if (purposes != null && !purposes.contains(SERVER_AUTH) && !purposes.contains(ANY_PURPOSE)) {
        problems.warning(
            at,
            "the certificate of "
                + identity.subject()
                + " has no serverAuth in its extended key usage",
            "devices may reject it; get one with serverAuth from your CA");
      }
    } catch (CertificateParsingException malformed) {
      problems.warning(
          at,
          "the extended key usage of " + identity.subject() + " cannot be read",
          "devices may reject it; get another certificate");
    }
  }

  /** A device does not fetch a missing intermediate certificate. */
  private static void chain(
      String at, IdentityContent content, OriginIdentity identity, Problems problems)
      throws KeyFileException {
    if (CertificatePath.isSelfIssued(identity.certificate())) {
      problems.warning(
          at,
          "the certificate of " + identity.subject() + " is self-signed",
          "each device must trust this certificate itself, and each new one again; use a CA");
    } else if (content.lacksIssuer()) {
      problems.warning(
          at,
          "the files have no certificate of the issuer, '"
              + identity.certificate().getIssuerX500Principal().getName()
              + "'",
          "append the intermediate certificates; if devices trust this issuer as a root, append it too: it is not sent");
    }
  }

  private static void names(
      String at,
      CertificateNames names,
      ListenerConfig listener,
      ServerConfig config,
      Problems problems) {
    for (String name : listener.certificate().serverNames()) {
      if (!names.covers(name)) {
        problems.warning(
            at,
            "the certificate is not for '" + name + "' of 'serverNames', but for " + names,
            "devices that ask for this name are refused; get a certificate with it, or remove it");
      }
    }
    if (listener.access().accept() != ListenerConfig.Accept.FIXED && problems.clean("routes")) {
      SignableNames routed = ConfiguredRoutes.of(config).signableNames();
      boolean serves =
          names.hosts().stream().map(host -> host.replace("*.", "")).anyMatch(routed::permits)
              || names.addresses().stream()
                  .anyMatch(address -> routed.permits(address.getHostAddress()));
      if (!serves) {
        problems.warning(
            at,
            "the certificate is for " + names + ", and no route bridges such a destination",
            "no device is served; use it on a listener with 'accept: fixed', whose devices use a name of this machine");
      }
    }
  }
}
