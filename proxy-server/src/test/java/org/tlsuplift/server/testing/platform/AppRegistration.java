package org.tlsuplift.server.testing.platform;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** An application that an administrator has registered and given consent to. Thread-safe. */
public final class AppRegistration {
  /** The application permissions that mail needs. */
  public static final List<String> MAIL_ROLES =
      List.of("SMTP.SendAsApp", "IMAP.AccessAsApp", "POP.AccessAsApp");

  /** The application permission that High Volume Email needs. */
  public static final String HIGH_VOLUME_ROLE = "Mail.Send";

  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  private final String id = UUID.randomUUID().toString();
  private final String objectId = UUID.randomUUID().toString();
  private final Set<String> secrets = ConcurrentHashMap.newKeySet();
  private final Set<String> expired = ConcurrentHashMap.newKeySet();
  private final Map<String, X509Certificate> certificates = new ConcurrentHashMap<>();
  private final Set<String> roles = ConcurrentHashMap.newKeySet();
  private volatile boolean publicFlows = true;
  private volatile Redirects redirects = Redirects.OF_DESKTOP;

  /** For what {@code http://localhost} is registered as a redirect URI. */
  enum Redirects {
    NONE,
    OF_DESKTOP,
    OF_WEB
  }

  AppRegistration() {
    roles.addAll(MAIL_ROLES);
  }

  /** The application id, also called the client id. */
  public String id() {
    return id;
  }

  /** The object id of the enterprise application. */
  public String objectId() {
    return objectId;
  }

  /** Makes a client secret, which has 40 characters as the real ones. */
  public String newSecret() {
    String secret = "qX8~" + (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
    secret = secret.substring(0, 40);
    secrets.add(secret);
    return secret;
  }

  /** Lets the time of all secrets be over. */
  public void expireSecrets() {
    expired.addAll(secrets);
    secrets.clear();
  }

  /** Takes assertions that are signed with the key of this certificate. */
  public void add(X509Certificate certificate) {
    certificates.put(thumbprint("SHA-1", certificate), certificate);
    certificates.put(thumbprint("SHA-256", certificate), certificate);
  }

  /** Takes them no more. */
  public void remove(X509Certificate certificate) {
    certificates.values().removeIf(certificate::equals);
  }

  /** Grants an application permission, such as {@link #HIGH_VOLUME_ROLE}. */
  public void grant(String role) {
    roles.add(role);
  }

  /** Takes an application permission back, such as {@code SMTP.SendAsApp}. */
  public void withdraw(String role) {
    roles.remove(role);
  }

  /** Sets "Allow public client flows" to No. */
  public void forbidPublicFlows() {
    publicFlows = false;
  }

  /** Removes the redirect URI. */
  public void removeRedirect() {
    redirects = Redirects.NONE;
  }

  /** Registers the redirect URI for "Web" and not for "Mobile and desktop applications". */
  public void redirectToWebOnly() {
    redirects = Redirects.OF_WEB;
  }

  Redirects redirects() {
    return redirects;
  }

  boolean hasSecret(String secret) {
    return secrets.contains(secret);
  }

  boolean hadSecret(String secret) {
    return expired.contains(secret);
  }

  /**
   * The certificate whose thumbprint is this, as x5t or x5t#S256 have it (RFC 7515), in any Base64.
   */
  Optional<X509Certificate> certificate(String thumbprint) {
    return Optional.ofNullable(certificates.get(urlSafe(thumbprint)));
  }

  List<String> roles() {
    return Stream.concat(MAIL_ROLES.stream(), Stream.of(HIGH_VOLUME_ROLE))
        .filter(roles::contains)
        .toList();
  }

  boolean hasPublicFlows() {
    return publicFlows;
  }

  private static String urlSafe(String base64) {
    return base64.replace("=", "").replace('+', '-').replace('/', '_');
  }

  private static String thumbprint(String algorithm, X509Certificate certificate) {
    try {
      return URL.encodeToString(
          MessageDigest.getInstance(algorithm).digest(certificate.getEncoded()));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
