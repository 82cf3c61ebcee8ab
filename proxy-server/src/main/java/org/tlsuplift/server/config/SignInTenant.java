package org.tlsuplift.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.FilePath;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Forms;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Key.Refused;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.microsoft365.Cloud;

/**
 * A tenant of Microsoft 365, and the application that gets its tokens.
 *
 * @param name unique, for accounts, metrics and messages; a single tenant has its {@code tenant}
 * @param tenant a GUID or a domain
 * @param applicationId a GUID
 * @param applicationObjectId the object ID of the application's registration, or null
 * @param clientSecretFile its first line is the application's secret; or null
 * @param certificate the application's credential instead of a secret; or null
 * @param secretExpires the day on which the secret expires; or null if it is not known
 * @param authority the identity platform's address, https without a path; null for the cloud's own
 * @param origins the hosts that get its tokens, normalised; empty for those of {@link TokenHosts}
 * @param graph the address of Microsoft Graph, https without a path; null for the cloud's own
 * @param saveToSentItems whether messages sent by Graph stay in the folder Sent Items
 */
@SchemaRules(
    """
    if: {required: [flow], properties: {flow: {const: device-code}}}
    then: {properties: {clientSecretFile: false, certificate: false, secretExpires: false}}
    else:
      oneOf: [{required: [clientSecretFile]}, {required: [certificate]}]
      dependencies: {certificate: {properties: {secretExpires: false}}}
    """)
public record SignInTenant(
    @Key(required = true, listed = true, form = ListenerConfig.Label.class) String name,
    @Key(required = true, form = Id.class) String tenant,
    @Key(required = true, form = ApplicationId.class) String applicationId,
    @Key(form = ObjectId.class) @Nullable String applicationObjectId,
    @Key(fallback = "application") SignInConfig.Flow flow,
    @Key(fallback = "exchange") Service service,
    @Nullable Path clientSecretFile,
    @Key(schema = KeyFiles.REQUIRED) @Nullable KeyFiles certificate,
    @Key(expected = "a day, such as 2027-03-01") @Nullable LocalDate secretExpires,
    @Key(
            refused = {
              @Refused(
                  words = {"us-government", "usgov", "government"},
                  why = Microsoft365Config.US_GOVERNMENT),
              @Refused(words = "gcc", why = Microsoft365Config.GCC),
              @Refused(words = "21vianet", why = Microsoft365Config.CHINA)
            })
        Cloud cloud,
    @Key(form = Authority.class) @Nullable URI authority,
    @Key(form = TokenHost.class, expected = "hosts without a port, such as smtp.office365.com")
        List<String> origins,
    @Key(form = Authority.class) @Nullable URI graph,
    boolean saveToSentItems)
    implements Checked {
  public static final String TENANT =
      "the tenant's ID, such as aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, or its domain, such as"
          + " contoso.onmicrosoft.com";

  /** The application ID in a configuration until the tenant's administrator has sent it. */
  public static final String PENDING = "00000000-0000-0000-0000-000000000000";

  public static final String IS_PENDING = " is still the placeholder, so no device can sign in";
  public static final String APPLICATION_ID =
      "the application's ID, such as 11111111-2222-3333-4444-555555555555";
  private static final String GUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

  /** A tenant that needs no name is the only one, and has its ID or domain as name. */
  public SignInTenant {
    if (name == null) {
      name = tenant;
    }
    origins = List.copyOf(origins);
  }

  /** The same in this cloud, unless it has its own. */
  SignInTenant in(Cloud ofAll) {
    return cloud != null ? this : with(certificate, ofAll);
  }

  /** Whether the ID of the application is not known yet. */
  public boolean isPending() {
    return applicationId.equals(PENDING);
  }

  /** How to set the ID of the application in this configuration. */
  public String setting(String config) {
    return isOnly()
        ? "run: tls-uplift tenant setup --write --tenant %s%s --application-id \"LINE OF IDS\" --config %s"
            .formatted(
                tenant,
                flow == SignInConfig.Flow.APPLICATION ? "" : " --flow device-code",
                ShortText.shell(config))
        : "set it to the application ID that the script of tenant " + name + " printed";
  }

  /** The same with another certificate. */
  public SignInTenant with(KeyFiles other) {
    return with(other, cloud);
  }

  private SignInTenant with(@Nullable KeyFiles files, Cloud where) {
    return new SignInTenant(
        name,
        tenant,
        applicationId,
        applicationObjectId,
        flow,
        service,
        clientSecretFile,
        files,
        secretExpires,
        where,
        authority,
        origins,
        graph,
        saveToSentItems);
  }

  /** The credential of the application: exactly one, or none if a user signs in. */
  @Override
  public void check(Section section) {
    if (applicationId != null && applicationId.equals(applicationObjectId)) {
      section.contradiction(
          "applicationObjectId",
          "another ID than applicationId",
          "copy the 'Object ID' of the app registration");
    }
    KeyFiles.require(section, "certificate", "set 'certificate' and 'key', or 'pkcs12'");
    if (!section.clean("flow")) {
      return;
    }
    switch (flow) {
      case APPLICATION -> {
        if (section.has("certificate")) {
          section.refuse("secretExpires", "the day is read from 'certificate'; remove the key");
          if (section.has("clientSecretFile")) {
            section.refuse("clientSecretFile", "'certificate' is set too; keep one of the two");
          }
        } else if (!section.has("clientSecretFile")) {
          section.missing(
              "clientSecretFile",
              FilePath.EXPECTED,
              "or set 'certificate', or 'flow: device-code': the application needs a credential, or a user must sign in");
        }
      }
      case DEVICE_CODE -> {
        String why =
            "with 'flow: device-code' a user signs in instead of the application; remove the key";
        section.refuse("clientSecretFile", why);
        section.refuse("certificate", why);
        section.refuse("secretExpires", why);
      }
    }
  }

  /** The mail service that accepts the tokens. */
  public enum Service implements Labelled {
    /** Exchange Online. It checks a token once, at the sign-in. */
    EXCHANGE(Duration.ofSeconds(60)),
    /**
     * High Volume Email: sends mail inside the tenant, and has no limits for each account. It
     * refuses a token that expires soon ({@code 535 5.7.142}).
     */
    HVE(Duration.ofMinutes(5));

    private final Duration reserve;

    Service(Duration reserve) {
      this.reserve = reserve;
    }

    /** How much longer a token must be valid when it is used. */
    public Duration reserve() {
      return reserve;
    }
  }

  /** Whether its keys are those of {@code signIn} itself; names of others are no tenants. */
  public boolean isOnly() {
    return name.equals(tenant);
  }

  /** The address of the identity platform, such as {@code https://host}. */
  public String platform() {
    return authority == null ? cloud.authority() : authority.toString();
  }

  /** The address at which the tenant issues tokens, such as {@code https://host/tenant/}. */
  public String tenantAuthority() {
    return platform() + "/" + tenant + "/";
  }

  /** The address of Microsoft Graph, without a path. */
  public URI graphAddress() {
    return graph == null ? URI.create(cloud.graph()) : graph;
  }

  /** Whether the application may send by Graph, which has no High Volume Email. */
  public boolean maySendByGraph() {
    return flow == SignInConfig.Flow.APPLICATION && service == Service.EXCHANGE;
  }

  /** The scopes of its tokens. */
  public List<String> scopes() {
    return switch (service) {
      case EXCHANGE ->
          switch (flow) {
            case APPLICATION -> List.of(cloud.applicationScope());
            case DEVICE_CODE -> cloud.delegatedScopes();
          };
      // Microsoft: "Use OAuth to authenticate HVE". It documents the worldwide cloud.
      case HVE -> List.of(cloud.highVolumeScope());
    };
  }

  /** Identifies the tokens of one application for one service, whatever the tenant is called. */
  public String tokenOwner() {
    return tenantAuthority()
        + " "
        + applicationId
        + (service == Service.EXCHANGE ? "" : " " + service.label());
  }

  /** The ID or the domain of a tenant. */
  @Form.Rules(
      expected = TENANT,
      pattern = "^(" + GUID + "|[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+\\.?)$")
  public static final class Id implements Form<String> {
    @Override
    public String parse(String text) {
      if (text.matches(GUID)) {
        return text.toLowerCase(Locale.ROOT);
      }
      String domain = HostPort.normalise(text);
      if (!HostPort.isHostName(domain) || !domain.contains(".")) {
        throw new IllegalArgumentException(
            List.of("common", "organizations", "consumers").contains(domain)
                ? "name the tenant that has the mailboxes"
                : "");
      }
      return domain;
    }
  }

  /** The ID of an application. */
  @Form.Rules(expected = APPLICATION_ID, pattern = "^" + GUID + "$")
  public static final class ApplicationId implements Form<String> {
    @Override
    public String parse(String text) {
      if (!text.matches(GUID)) {
        throw new IllegalArgumentException(
            "copy the 'Application (client) ID' from the Entra admin centre");
      }
      return text.toLowerCase(Locale.ROOT);
    }
  }

  /** The object ID of an application's registration. */
  @Form.Rules(
      expected =
          "the object ID of the app registration, such as 44444444-3333-2222-1111-000000000000",
      pattern = "^" + GUID + "$")
  static final class ObjectId implements Form<String> {
    @Override
    public String parse(String text) {
      if (!text.matches(GUID)) {
        throw new IllegalArgumentException(
            "copy the 'Object ID' under App registrations, not that of the enterprise application");
      }
      return text.toLowerCase(Locale.ROOT);
    }
  }

  /** A host that may get tokens, normalised. */
  @Form.Rules(pattern = ServerName.PATTERN)
  static final class TokenHost implements Form<String> {
    @Override
    public String parse(String text) {
      String host = HostPort.normalise(text);
      if (!HostPort.isHostName(host) && !HostPort.isAddressLiteral(host)) {
        throw new IllegalArgumentException(
            text.contains("*") ? "list each host: anyone with a token can use the mailbox" : "");
      }
      return host;
    }
  }

  /** The address of an identity platform. */
  @Form.Rules(expected = "https://host or https://host:port", pattern = "^https://[^/\\s?#@]+/?$")
  static final class Authority implements Form<URI> {
    @Override
    public URI parse(String text) {
      URI uri = Forms.url(text.replaceFirst("/$", ""));
      if ("http".equals(uri.getScheme())) {
        throw new IllegalArgumentException(
            "tokens are never requested in plaintext; write https://");
      }
      if (!Forms.isPlainHttps(uri) || !uri.getRawPath().isEmpty()) {
        throw new IllegalArgumentException("write only host and port: the daemon adds the tenant");
      }
      return uri;
    }
  }
}
