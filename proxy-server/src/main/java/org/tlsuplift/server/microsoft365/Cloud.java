package org.tlsuplift.server.microsoft365;

import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.route.HostPattern;

/**
 * Microsoft's clouds, with their endpoint lists, identity platforms and mail services.
 *
 * <p>The identity platforms:
 * learn.microsoft.com/entra/identity-platform/authentication-national-cloud (read 2026-11-30). The
 * scopes of the other clouds than the worldwide one come from programs of 2026, not from a page of
 * Microsoft; for DoD, a few of them use GCC High's.
 */
public enum Cloud implements Labelled.WithDashes {
  /** All others, and GCC. */
  WORLDWIDE(
      "Worldwide",
      "https://login.microsoftonline.com",
      "https://outlook.office365.com",
      "https://outlook.office.com",
      "https://graph.microsoft.com"),
  /** The US government's GCC High. */
  GCC_HIGH(
      "USGovGCCHigh",
      "https://login.microsoftonline.us",
      "https://outlook.office365.us",
      "https://outlook.office365.us",
      "https://graph.microsoft.us"),
  /** The US Department of Defense's. */
  DOD(
      "USGovDoD",
      "https://login.microsoftonline.us",
      "https://outlook-dod.office365.us",
      "https://outlook-dod.office365.us",
      "https://dod-graph.microsoft.us"),
  /** China's, operated by 21Vianet. */
  CHINA(
      "China",
      "https://login.partner.microsoftonline.cn",
      "https://partner.outlook.cn",
      "https://partner.outlook.cn",
      "https://microsoftgraph.chinacloudapi.cn");

  /**
   * The names of Microsoft's identity platforms: KnownMetadataProvider of MSAL for Java (commit
   * 966c52af), without Germany's, which closed in 2021, and those that partners of Microsoft
   * operate in clouds of their own.
   */
  private static final Set<String> IDENTITY_HOSTS =
      Set.of(
          "login.microsoftonline.com",
          "login.windows.net",
          "login.microsoft.com",
          "sts.windows.net",
          "login-us.microsoftonline.com",
          "login.microsoftonline.us",
          "login.usgovcloudapi.net",
          "login.partner.microsoftonline.cn",
          "login.chinacloudapi.cn");

  private final String instance;
  private final String authority;
  private final String application;
  private final String delegated;
  private final String graph;

  Cloud(String instance, String authority, String application, String delegated, String graph) {
    this.instance = instance;
    this.authority = authority;
    this.application = application;
    this.delegated = delegated;
    this.graph = graph;
  }

  /** The name of the cloud's list at the endpoints web service. */
  public String instance() {
    return instance;
  }

  /** The identity platform, without a path. */
  public String authority() {
    return authority;
  }

  /**
   * Whether a host belongs to the identity platform of any of the clouds, under any of its names.
   * Regional names are below them, such as {@code westus.login.microsoft.com}.
   */
  public static boolean issuesTokensAt(String host) {
    String name = HostPort.normalise(host);
    return IDENTITY_HOSTS.stream()
        .anyMatch(known -> name.equals(known) || name.endsWith("." + known));
  }

  /** Microsoft Graph, without a path: learn.microsoft.com/graph/deployments (read 2026-12-01). */
  public String graph() {
    return graph;
  }

  /** The host of Exchange Online for HTTPS, IMAP and POP3. */
  public String mailboxHost() {
    return application.substring("https://".length());
  }

  /**
   * The host of Exchange Online to which a device sends mail; {@link #exchangeHosts} has sources.
   */
  public String smtpHost() {
    return switch (this) {
      case WORLDWIDE -> "smtp.office365.com";
      case GCC_HIGH -> "smtp.office365.us";
      case DOD -> mailboxHost();
      case CHINA -> "smtp.partner.outlook.cn";
    };
  }

  /** The scope of an application. */
  public String applicationScope() {
    return application + "/.default";
  }

  /** The scope of High Volume Email, for applications and for users. */
  public String highVolumeScope() {
    return delegated + "/.default";
  }

  /**
   * The hosts of Exchange Online's SMTP, IMAP and POP3, and their aliases. All of them are in
   * domains of Microsoft's endpoint lists, which the resources beside this class contain:
   *
   * <ul>
   *   <li>Worldwide (version 2026081400): sets 1, 2, 8, 71 and 147.
   *   <li>GCC High (2026033100): {@code outlook.office365.us} in set 5, on all mail ports. {@code
   *       smtp.office365.us} is only part of {@code *.office365.us} in set 23; several programs of
   *       2026 send mail there, and no page of Microsoft names it.
   *   <li>DoD (2026033100): {@code outlook-dod.office365.us} and {@code webmail.apps.mil} in set 4,
   *       on all mail ports. Other names of {@code *.office365.us} are Microsoft's (set 12), but no
   *       source names one for mail. {@code *.apps.mil} is not Microsoft's as a whole.
   *   <li>China (2025013000): {@code *.partner.outlook.cn} in set 20, on 587, 993 and 995. {@code
   *       partner.outlook.cn} is in set 1 without these ports; programs read mail there.
   * </ul>
   */
  public List<HostPattern> exchangeHosts() {
    return patterns(
        switch (this) {
          case WORLDWIDE ->
              List.of(
                  "*.office365.com", "*.office.com", "*.outlook.com", "outlook.cloud.microsoft");
          case GCC_HIGH -> List.of("outlook.office365.us", "smtp.office365.us");
          case DOD -> List.of("*-dod.office365.us", "smtp.office365.us", "webmail.apps.mil");
          case CHINA -> List.of("partner.outlook.cn", "*.partner.outlook.cn");
        });
  }

  /**
   * The hosts of High Volume Email, now and before; empty if the cloud has none. Microsoft
   * documents the worldwide host only
   * (learn.microsoft.com/exchange/mail-flow-best-practices/high-volume-mails-m365, 2026-08-03) and
   * no host of its own for GCC High or DoD.
   */
  public List<HostPattern> highVolumeHosts() {
    return patterns(
        switch (this) {
          case WORLDWIDE -> List.of("smtp.hve.mx.microsoft", "smtp-hve.office365.com");
          case GCC_HIGH, DOD -> List.of("smtp.hve.mx.microsoft");
          case CHINA -> List.of();
        });
  }

  private static List<HostPattern> patterns(List<String> hosts) {
    return hosts.stream().map(HostPattern::parse).toList();
  }

  /** The scopes of a user who signs in. */
  public List<String> delegatedScopes() {
    return List.of(
        delegated + "/SMTP.Send",
        delegated + "/IMAP.AccessAsUser.All",
        delegated + "/POP.AccessAsUser.All");
  }
}
