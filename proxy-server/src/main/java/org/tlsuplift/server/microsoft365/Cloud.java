package org.tlsuplift.server.microsoft365;

import java.util.List;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.route.HostPattern;

/** Microsoft's clouds, with their endpoint lists, identity platforms and mail services. */
public enum Cloud implements Labelled {
  /** All others, and GCC. */
  WORLDWIDE(
      "worldwide",
      "Worldwide",
      "https://login.microsoftonline.com",
      "https://outlook.office365.com",
      "https://outlook.office.com"),
  /** The US government's GCC High. */
  GCC_HIGH(
      "gcc-high",
      "USGovGCCHigh",
      "https://login.microsoftonline.us",
      "https://outlook.office365.us",
      "https://outlook.office365.us"),
  /** The US Department of Defense's. */
  DOD(
      "dod",
      "USGovDoD",
      "https://login.microsoftonline.us",
      "https://outlook-dod.office365.us",
      "https://outlook-dod.office365.us"),
  /** China's, operated by 21Vianet. */
  CHINA(
      "china",
      "China",
      "https://login.partner.microsoftonline.cn",
      "https://partner.outlook.cn",
      "https://partner.outlook.cn");

  private final String label;
  private final String instance;
  private final String authority;
  private final String application;
  private final String delegated;

  Cloud(String label, String instance, String authority, String application, String delegated) {
    this.label = label;
    this.instance = instance;
    this.authority = authority;
    this.application = application;
    this.delegated = delegated;
  }

  @Override
  public String label() {
    return label;
  }

  /** The name of the cloud's list at the endpoints web service. */
  public String instance() {
    return instance;
  }

  /** The identity platform, without a path. */
  public String authority() {
    return authority;
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
   * The hosts of Exchange Online's SMTP, IMAP and POP3: those of Microsoft's endpoint list and
   * their aliases, all of them Microsoft's.
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

  /** The hosts of High Volume Email, now and before; empty if the cloud has none. */
  public List<HostPattern> highVolumeHosts() {
    return patterns(
        switch (this) {
          case WORLDWIDE -> List.of("smtp.hve.mx.microsoft", "smtp-hve.office365.com");
          case GCC_HIGH, DOD -> List.of("smtp.hve.mx.microsoft", "smtp-hve.office365.us");
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
