package org.tlsuplift.server.init;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.server.graph.ApplicationKeys;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.text.Printable;

/**
 * The PowerShell scripts for the administrator of a tenant. The resources beside this class are
 * their text; only the settings at the top differ. Each has {@code tenant-common.ps1} in it,
 * because an administrator reads and runs one file.
 *
 * <p>There is no script for the Azure CLI, because it has no commands for Exchange Online: it
 * cannot create the service principal there, give permissions for mailboxes or switch SMTP AUTH on.
 */
enum TenantScript {
  /** Makes the changes that are missing. */
  SETUP("tenant-setup.ps1"),
  /** Takes them back. */
  REMOVE("tenant-remove.ps1"),
  /** Brings a tenant from the permission SMTP.SendAsApp to the role. */
  LEAST("tenant-least.ps1");

  /** The scripts for a tenant that is connected. */
  static final List<TenantScript> CONNECT = List.of(SETUP, REMOVE);

  private static final String SETTINGS = "#SETTINGS#\n";
  private static final String COMMON = "#COMMON#\n";

  /** Windows PowerShell 5.1 reads a file without it as ANSI text. */
  static final String BYTE_ORDER_MARK = "\uFEFF";

  private final String resource;

  TenantScript(String resource) {
    this.resource = resource;
  }

  /** The name of the file for the administrator. */
  String file() {
    return "tls-uplift-" + resource;
  }

  /** The script for a tenant, to be written in UTF-8. */
  String text(TenantPlan plan) {
    return BYTE_ORDER_MARK
        + read(resource)
            .replace(COMMON, read("tenant-common.ps1"))
            .replace(SETTINGS, settings(plan));
  }

  /** The SHA-256 of a script's file, as {@code Get-FileHash} prints it. */
  static String sha256(String text) {
    return Digests.sha256(text).toUpperCase(Locale.ROOT);
  }

  /**
   * The first digits of a SHA-256 in groups of four, to be read out on the telephone. They are 96
   * bits: an attacker would have to try 2^96 files to find another one that begins with them. 64
   * bits would not be enough.
   */
  static String readOut(String sha256) {
    return sha256.substring(0, 24).replaceAll("....(?=.)", "$0 ");
  }

  static String read(String resource) {
    try (InputStream text = TenantScript.class.getResourceAsStream(resource)) {
      return new String(
          Objects.requireNonNull(text, resource).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failed) {
      throw new UncheckedIOException("the bundled " + resource + " cannot be read", failed);
    }
  }

  private static String settings(TenantPlan plan) {
    StringBuilder text = new StringBuilder();
    List<MailProtocol> protocols = plan.protocols().stream().sorted().toList();
    set(text, "Tenant", quoted(plan.tenant()));
    set(text, "Name", quoted(plan.name()));
    set(text, "Mailboxes", list(plan.mailboxes().stream()));
    set(text, "KeepAccess", list(plan.keepAccess().stream()));
    set(text, "Protocols", list(protocols.stream().map(MailProtocol::label)));
    set(text, "Permissions", list(protocols.stream().map(plan.flow()::permission)));
    set(text, "Flow", quoted(plan.flow().label()));
    set(text, "GraphEnvironment", quoted(graphEnvironment(plan.cloud())));
    set(text, "ExchangeEnvironment", quoted(exchangeEnvironment(plan.cloud())));
    set(text, "NewSecret", plan.secret() ? "$true" : "$false");
    X509Certificate certificate = plan.certificate();
    set(
        text,
        "CertificateLabel",
        quoted(certificate == null ? "" : ApplicationKeys.label(certificate)));
    set(text, "CertificateStart", quoted(time(certificate, true)));
    set(text, "CertificateEnd", quoted(time(certificate, false)));
    set(text, "CertificateData", quoted(certificate == null ? "" : base64(certificate)));
    set(text, "KnownCertificates", list(plan.known().stream().map(TenantScript::base64)));
    return text.toString();
  }

  private static void set(StringBuilder text, String name, String value) {
    text.append('$').append(name).append(" = ").append(value).append('\n');
  }

  static String list(Stream<String> values) {
    return values.map(TenantScript::quoted).collect(Collectors.joining(", ", "@(", ")"));
  }

  /**
   * A string in single quotes, in which PowerShell replaces nothing. PowerShell takes typographic
   * quotes for single quotes, too (about_Quoting_Rules; CharTraits.IsSingleQuote of its source).
   */
  static String quoted(String value) {
    Printable.hidden(value)
        .ifPresent(
            hidden -> {
              throw new IllegalArgumentException("the hidden character " + hidden);
            });
    return "'" + value.replaceAll("['\u2018\u2019\u201A\u201B]", "$0$0") + "'";
  }

  /** Microsoft, "Get-MgEnvironment". */
  static String graphEnvironment(Cloud cloud) {
    return switch (cloud) {
      case WORLDWIDE -> "Global";
      case GCC_HIGH -> "USGov";
      case DOD -> "USGovDoD";
      case CHINA -> "China";
    };
  }

  /** Microsoft, "Connect-ExchangeOnline". */
  static String exchangeEnvironment(Cloud cloud) {
    return switch (cloud) {
      case WORLDWIDE -> "O365Default";
      case GCC_HIGH -> "O365USGovGCCHigh";
      case DOD -> "O365USGovDoD";
      case CHINA -> "O365China";
    };
  }

  private static String time(@Nullable X509Certificate certificate, boolean start) {
    return certificate == null
        ? ""
        : (start ? certificate.getNotBefore() : certificate.getNotAfter()).toInstant().toString();
  }

  private static String base64(X509Certificate certificate) {
    try {
      return Base64.getEncoder().encodeToString(certificate.getEncoded());
    } catch (CertificateEncodingException corrupt) {
      throw new IllegalStateException(corrupt);
    }
  }
}
