package org.tlsuplift.server.doctor;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.microsoft365.Cloud;

/** Checks a token's audience, rights and times as Exchange Online does. */
record TokenCheck(CheckTarget checkTarget, Clock clock) {
  /** The application ID of Office 365 Exchange Online, the same in every tenant. */
  private static final String EXCHANGE = "00000002-0000-0ff1-ce00-000000000000";

  Finding examine(AccessToken token) {
    Optional<TokenPayload> readable = TokenPayload.read(token.value());
    if (readable.isEmpty()) {
      return Finding.note(
          PathStep.RIGHTS, "the token's content cannot be read; only the origin can check it");
    }
    TokenPayload claims = readable.get();
    String seen = describe(claims);
    if (!isExchange(claims.audience())) {
      return Finding.failed(
          PathStep.RIGHTS,
          checkTarget.diagnosis(
              PathFailure.WRONG_AUDIENCE,
              "the token is not for Exchange Online: check {cloud} ({=cloud}), whose scope is "
                  + String.join(" ", checkTarget.tenant().scopes())),
          seen);
    }
    List<String> rights = checkTarget.isApplication() ? claims.roles() : claims.scopes();
    if (!rights.contains(checkTarget.right())) {
      if (!mayHaveRole(claims)) {
        return Finding.failed(PathStep.RIGHTS, missingRight(), seen);
      }
      seen += "; SMTP then needs the role Application SMTP.SendAsApp in Exchange Online";
    }
    if (claims.expires().isPresent() && !claims.expires().get().isAfter(Instant.now(clock))) {
      return Finding.failed(
          PathStep.RIGHTS,
          Diagnosis.of(
              PathFailure.EXPIRED,
              "check the clock of this machine, which shows " + Instant.now(clock)),
          seen);
    }
    return checkTarget.isHighVolume()
        ? enoughTime(claims, seen)
        : Finding.ok(PathStep.RIGHTS, seen);
  }

  /**
   * Microsoft, "SMTP Onboarding to App RBAC" (2025-10-17): a role in Exchange Online, which no
   * token shows, replaces the permission for SMTP.
   */
  private boolean mayHaveRole(TokenPayload claims) {
    return checkTarget.isApplication()
        && !checkTarget.isHighVolume()
        && checkTarget.protocol() == MailProtocol.SMTP
        && claims.scopes().isEmpty();
  }

  /** High Volume Email refuses a token that expires soon ({@code 535 5.7.142}). */
  private Finding enoughTime(TokenPayload claims, String seen) {
    Duration reserve = checkTarget.tenant().service().reserve();
    Instant soon = clock.instant().plus(reserve);
    return claims.expires().filter(soon::isAfter).isEmpty()
        ? Finding.ok(PathStep.RIGHTS, seen)
        : Finding.note(
            PathStep.RIGHTS,
            seen + "; less than " + reserve.toMinutes() + " minutes are left",
            "High Volume Email refuses tokens that expire soon: check the token lifetime policy of the tenant, and the clock of this machine");
  }

  private Diagnosis missingRight() {
    return checkTarget.isApplication()
        ? checkTarget.diagnosis(
            PathFailure.MISSING_RIGHT,
            "the application lacks {right}: Entra admin center > App registrations > the application > API permissions > Add a permission > APIs my organization uses > Office 365 Exchange Online > Application permissions > {right}, then Grant admin consent, or:",
            "  {consent}")
        : checkTarget.diagnosis(
            PathFailure.MISSING_RIGHT,
            "the user has not granted {right}: add it to the application (API permissions > "
                + (checkTarget.isHighVolume() ? "Office 365 Exchange Online" : "Microsoft Graph")
                + " > Delegated permissions), and sign in again:",
            "  tls-uplift accounts sign-in {mailbox}");
  }

  private static String describe(TokenPayload claims) {
    return "audience "
        + orNone(claims.audience())
        + (claims.scopes().isEmpty()
            ? ", roles " + orNone(String.join(" ", claims.roles()))
            : ", scopes " + String.join(" ", claims.scopes()))
        + ", application "
        + orNone(claims.application())
        + ", tenant "
        + orNone(claims.tenant())
        + claims.expires().map(end -> ", until " + end).orElse("");
  }

  private static String orNone(String text) {
    return text.isEmpty() ? "none" : text;
  }

  private boolean isExchange(String audience) {
    Cloud cloud = checkTarget.tenant().cloud();
    return audience.equalsIgnoreCase(EXCHANGE)
        || host(audience).equals(host(cloud.applicationScope()))
        || cloud.delegatedScopes().stream().map(TokenCheck::host).anyMatch(host(audience)::equals);
  }

  private static String host(String address) {
    try {
      String host = URI.create(address).getHost();
      return host == null ? address : host.toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException noAddress) {
      return address;
    }
  }
}
