package org.tlsuplift.server.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.SignableNames;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.chain.CertificatePath;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.secret.IdentityContent;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.config.secret.ReadableSecrets;

/** Checks the operator's certificates, with their keys. */
public final class CertificateChecks {
  /** A purpose in the extended key usage (RFC 5280 section 4.2.1.12). */
  private record Purpose(String name, String oid) {
    static final Purpose SERVER = new Purpose("serverAuth", "1.3.6.1.5.5.7.3.1");
    static final Purpose CLIENT = new Purpose("clientAuth", "1.3.6.1.5.5.7.3.2");
    static final String ANY = "2.5.29.37.0";
  }

  private static final String NEW_CERTIFICATE =
      "run 'tls-uplift tenant setup --new-certificate --config FILE', and let an administrator of the tenant run its script";

  private CertificateChecks() {}

  /** Checks the certificate of the admin port. */
  static void admin(AdminConfig admin, Problems problems) {
    String at = "admin.tls";
    if (!(admin.tls() instanceof AdminConfig.Tls.Files files)
        || !problems.clean(at)
        || !FileChecks.readable(at, files.keyFiles(), problems)) {
      return;
    }
    OriginIdentity identity = identity(at, files.keyFiles(), problems);
    if (identity != null) {
      purpose(
          at,
          identity,
          Purpose.SERVER,
          "browsers reject it; get one with serverAuth from your CA",
          "browsers may reject it; get another certificate",
          problems);
      secrecy(at, files.keyFiles(), "anyone with this file can decrypt the admin pages", problems);
    }
  }

  /** Checks the client certificate of a route. */
  static void client(String at, KeyFiles files, Problems problems) {
    OriginIdentity identity =
        FileChecks.readable(at, files, problems) ? identity(at, files, problems) : null;
    if (identity != null) {
      purpose(
          at,
          identity,
          Purpose.CLIENT,
          "some origins reject it, and Microsoft documents no answer: send a test mail, or get one with clientAuth from your CA",
          "origins may reject it; get another certificate",
          problems);
      secrecy(at, files, "anyone with this file can send mail as you", problems);
    }
  }

  /** Checks the certificate with which the application signs in at Microsoft Entra. */
  static void application(String at, KeyFiles configured, Problems problems) {
    KeyFiles files = IdentityContent.usable(configured).files();
    Problems unusable = new Problems();
    boolean readable =
        files.certificate() == null
            || FileChecks.readable(at + ".certificate", files.certificate(), unusable);
    OriginIdentity identity =
        FileChecks.secretsReadable(at, files, unusable) && readable
            ? identity(at, files, unusable)
            : null;
    if (identity == null) {
      unusable
          .take()
          .ifPresent(
              each ->
                  problems.error(
                      each.path(), each.got(), each.expected(), remedy(each.hint(), files)));
      return;
    }
    String algorithm = identity.certificate().getPublicKey().getAlgorithm();
    if (!algorithm.equals("RSA")) {
      problems.error(
          at,
          "the certificate of " + identity.subject() + " has a key of type " + algorithm,
          "a certificate with an RSA key",
          "Microsoft Entra accepts only RSA; get another certificate");
    }
    if (!files.equals(configured)) {
      Problems damaged = new Problems();
      var unused = identity(at, configured, damaged);
      problems.warning(
          at,
          "the certificate before it signs in until "
              + identity.expiresAt()
              + ": "
              + damaged.take().map(ConfigProblem::got).orElse(""),
          "or " + NEW_CERTIFICATE);
    }
    ReadableSecrets.require(at, files.key(), problems);
    ReadableSecrets.require(at, files.pkcs12(), problems);
    ReadableSecrets.require(at, files.passwordFile(), problems);
  }

  /** A pair of this program can be made again, unless another user may read it. */
  private static String remedy(String hint, KeyFiles files) {
    boolean lost =
        files.previous().isPresent()
            && Stream.of(Path.of("" + files.certificate()), Path.of("" + files.key()))
                .allMatch(each -> Files.notExists(each) || Files.isReadable(each));
    return hint + (hint.isEmpty() || !lost ? "" : "; ") + (lost ? NEW_CERTIFICATE : "");
  }

  /** Checks the certificates for the devices of listeners. */
  static void listeners(ServerConfig config, Problems problems) {
    for (int i = 0; i < config.listeners().size(); i++) {
      ListenerConfig listener = config.listeners().get(i);
      KeyFiles files = listener.certificate().files();
      String at = "listeners[" + i + "].certificate";
      if (files != null && problems.clean(at) && FileChecks.readable(at, files, problems)) {
        listener(at, files, listener, config, problems);
      }
    }
  }

  private static void listener(
      String at, KeyFiles files, ListenerConfig listener, ServerConfig config, Problems problems) {
    OriginIdentity identity;
    try {
      IdentityContent content = IdentityContent.read(files);
      identity = content.identity();
      require(identity);
      chain(at, content, identity, problems);
    } catch (OperatorException unusable) {
      problems.error(at, unusable.getMessage(), "", "");
      return;
    }
    purpose(
        at,
        identity,
        Purpose.SERVER,
        "devices may reject it; get one with serverAuth from your CA",
        "devices may reject it; get another certificate",
        problems);
    names(at, CertificateNames.of(identity.certificate()), listener, config, problems);
    secrecy(at, files, "anyone with this file can impersonate this listener", problems);
  }

  /**
   * What a certificate needs to serve devices at all; also of files that replace it.
   *
   * @throws OperatorException with the cause and remedy, in one line
   */
  public static void require(OriginIdentity identity) throws OperatorException {
    X509Certificate certificate = identity.certificate();
    if (!certificate.getPublicKey().getAlgorithm().equals("RSA")) {
      throw new OperatorException(
          "the certificate of %s has a key of type %s; old devices need RSA; get a certificate with an RSA key"
              .formatted(identity.subject(), certificate.getPublicKey().getAlgorithm()));
    }
    CertificateNames names = CertificateNames.of(certificate);
    if (names.hosts().isEmpty() && names.addresses().isEmpty()) {
      throw new OperatorException(
          "the certificate of "
              + identity.subject()
              + " has no host name or address in subjectAltName; get one with the name by which devices reach this machine");
    }
  }

  /** A device does not fetch a missing intermediate certificate. */
  private static void chain(
      String at, IdentityContent content, OriginIdentity identity, Problems problems)
      throws OperatorException {
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
    if (!listener.access().isFixed() && problems.clean("routes")) {
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

  private static @Nullable OriginIdentity identity(String at, KeyFiles files, Problems problems) {
    try {
      return IdentityContent.read(files).identity();
    } catch (OperatorException unusable) {
      problems.error(at, unusable.getMessage(), "", "");
      return null;
    }
  }

  private static void purpose(
      String at,
      OriginIdentity identity,
      Purpose purpose,
      String ifMissing,
      String ifUnreadable,
      Problems problems) {
    try {
      List<String> purposes = identity.certificate().getExtendedKeyUsage();
      if (purposes != null && !purposes.contains(purpose.oid) && !purposes.contains(Purpose.ANY)) {
        problems.warning(
            at,
            "the certificate of %s has no %s in its extended key usage"
                .formatted(identity.subject(), purpose.name),
            ifMissing);
      }
    } catch (CertificateParsingException malformed) {
      problems.warning(
          at, "the extended key usage of " + identity.subject() + " cannot be read", ifUnreadable);
    }
  }

  private static void secrecy(String at, KeyFiles files, String risk, Problems problems) {
    ReadableSecrets.warn(at + ".key", files.key(), risk, problems);
    ReadableSecrets.warn(at + ".pkcs12", files.pkcs12(), risk, problems);
    ReadableSecrets.warn(at + ".passwordFile", files.passwordFile(), risk, problems);
  }
}
