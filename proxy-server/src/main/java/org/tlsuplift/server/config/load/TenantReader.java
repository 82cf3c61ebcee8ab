package org.tlsuplift.server.config.load;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.yaml.FilePath;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;
import org.tlsuplift.server.microsoft365.Cloud;

/** Reads a tenant: the keys of {@code signIn} itself, or an entry of {@code signIn.tenants}. */
final class TenantReader {
  /** The keys of a tenant, except its name. */
  static final List<String> KEYS =
      List.of(
          "tenant",
          "applicationId",
          "flow",
          "service",
          "clientSecretFile",
          "certificate",
          "secretExpires",
          "cloud",
          "authority",
          "origins");

  private static final String NAME = "1 to 32 letters, digits, - and _; a letter or digit first";
  private static final String AUTHORITY = "https://host or https://host:port";
  private static final String HOSTS = "hosts without a port, such as smtp.office365.com";
  private static final String DAY = "a day, such as 2027-03-01";
  private static final Words<SignInConfig.Flow> FLOW = Words.of(SignInConfig.Flow.values());
  private static final Words<SignInTenant.Service> SERVICE =
      Words.of(SignInTenant.Service.values());

  private TenantReader() {}

  /**
   * Reads the only tenant, whose name is the tenant itself; does not end the section.
   *
   * @param cloud the cloud of a tenant that sets none
   */
  static SignInTenant only(Section section, Cloud cloud) {
    String tenant =
        section.required("tenant", SignInReader.TENANT, SignInReader::tenant).orElse("");
    return read(section, cloud, tenant, tenant);
  }

  /**
   * Reads one of several tenants.
   *
   * @param cloud the cloud of a tenant that sets none
   */
  static SignInTenant named(Section section, Cloud cloud) {
    SignInTenant tenant =
        read(
            section,
            cloud,
            section.required("name", NAME, ListenerReader::name).orElse(""),
            section.required("tenant", SignInReader.TENANT, SignInReader::tenant).orElse(""));
    section.end();
    return tenant;
  }

  private static SignInTenant read(Section section, Cloud cloud, String name, String tenant) {
    SignInConfig.Flow flow = section.word("flow", FLOW).orElse(SignInConfig.Flow.APPLICATION);
    credential(section, flow);
    SignInTenant read =
        new SignInTenant(
            name,
            tenant,
            section
                .required("applicationId", SignInReader.APPLICATION_ID, SignInReader::applicationId)
                .orElse(""),
            flow,
            section.word("service", SERVICE).orElse(SignInTenant.Service.EXCHANGE),
            section.value("clientSecretFile", ConfigReader.PATH, FilePath::of).orElse(null),
            certificate(section),
            section.value("secretExpires", DAY, TenantReader::day).orElse(null),
            section.word("cloud", Microsoft365Reader.CLOUD).orElse(cloud),
            section.value("authority", AUTHORITY, TenantReader::authority).orElse(null),
            section.list("origins", HOSTS, TenantReader::host));
    if (read.service() == SignInTenant.Service.HVE && read.cloud() == Cloud.CHINA) {
      section.contradiction(
          "service", "exchange", "High Volume Email does not exist in 21Vianet's cloud");
    }
    return read;
  }

  /** The credential of the application: exactly one, or none if a user signs in. */
  private static void credential(Section section, SignInConfig.Flow flow) {
    if (!section.clean("flow")) {
      return;
    }
    switch (flow) {
      case APPLICATION -> {
        if (section.has("clientSecretFile") && section.has("certificate")) {
          section.refuse("clientSecretFile", "'certificate' is set too; keep one of the two");
        }
        if (!section.has("clientSecretFile") && !section.has("certificate")) {
          section.missing(
              "clientSecretFile",
              ConfigReader.PATH,
              "or set 'certificate', or 'flow: device-code': the application needs a credential, or a user must sign in");
        }
        if (section.has("certificate")) {
          section.refuse("secretExpires", "the day is read from 'certificate'; remove the key");
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

  private static @Nullable KeyFiles certificate(Section section) {
    Section certificate = section.section("certificate");
    if (!section.has("certificate")) {
      return null;
    }
    if (!certificate.has("certificate") && !certificate.has("pkcs12")) {
      certificate.missing(
          "certificate", ConfigReader.PATH, "set 'certificate' and 'key', or 'pkcs12'");
    }
    KeyFiles files = KeyFilesReader.read(certificate);
    certificate.end();
    return files;
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException malformed) {
      throw new IllegalArgumentException("", malformed);
    }
  }

  private static String host(String text) {
    String host = HostPort.normalise(text);
    if (!HostPort.isHostName(host) && !HostPort.isAddressLiteral(host)) {
      throw new IllegalArgumentException(
          text.contains("*") ? "list each host: anyone with a token can use the mailbox" : "");
    }
    return host;
  }

  private static URI authority(String text) {
    try {
      URI uri = new URI(text.replaceFirst("/$", ""));
      if ("http".equals(uri.getScheme())) {
        throw new IllegalArgumentException(
            "tokens are never requested in plaintext; write https://");
      }
      if (!"https".equals(uri.getScheme())
          || uri.getHost() == null
          || uri.getUserInfo() != null
          || !String.valueOf(uri.getRawPath()).isEmpty()
          || uri.getRawQuery() != null
          || uri.getRawFragment() != null
          || uri.getPort() > 65_535) {
        throw new IllegalArgumentException("write only host and port: the daemon adds the tenant");
      }
      return uri;
    } catch (URISyntaxException malformed) {
      throw new IllegalArgumentException("", malformed);
    }
  }
}
