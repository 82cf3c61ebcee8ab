package org.tlsuplift.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Forms;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.inventory.DeviceNotes;
import org.tlsuplift.server.mail.MailAddresses;

/**
 * The section {@code notify}: receivers of notifications about critical conditions.
 *
 * @param smtp null for no mail
 * @param webhook null for none
 * @param weekly reports about devices, which {@code smtp} sends
 * @param maxPerHour notifications to each receiver
 */
@SchemaRules("{anyOf: [{required: [smtp]}, {required: [webhook]}], dependencies: {weekly: [smtp]}}")
public record NotifyConfig(
    @Nullable Smtp smtp,
    @Nullable Webhook webhook,
    @Key(schema = "{maxItems: 100}") List<Weekly> weekly,
    @Key(fallback = "20", min = "1", max = "1000") int maxPerHour)
    implements Checked {
  private static final int SHORTEST_SECRET = 16;
  private static final int MAX_REPORTS = 100;

  @Override
  public void check(Section section) {
    if (!section.has("smtp") && !section.has("webhook")) {
      section.missing("smtp", "smtp or webhook", "add a receiver, or remove the section 'notify'");
    } else if (!weekly.isEmpty() && !section.has("smtp")) {
      section.missing("smtp", "a mail server, because of 'weekly'", "add it, or remove 'weekly'");
    }
    if (weekly.size() > MAX_REPORTS) {
      section.contradiction("weekly", "at most " + MAX_REPORTS + " reports", "remove some");
    }
  }

  /** Checks the secrets of the receivers. */
  void checkFiles(Problems problems) {
    if (smtp != null
        && problems.clean("notify.smtp.server")
        && problems.clean("notify.smtp.from")) {
      var unused =
          FileChecks.warned(
              "notify.smtp.passwordFile",
              smtp.passwordFile,
              "anyone with this file can send mail as this user",
              PasswordFile::upstream,
              problems);
    }
    if (webhook != null && problems.clean("notify.webhook.url")) {
      String key = "notify.webhook.secretFile";
      String secret =
          FileChecks.warned(
              key,
              webhook.secretFile,
              "anyone with this file can forge notifications",
              PasswordFile::upstream,
              problems);
      if (secret != null && secret.length() < SHORTEST_SECRET) {
        problems.error(
            key,
            "the first line has " + secret.length() + " characters",
            "at least " + SHORTEST_SECRET + " characters",
            "write a new one with: openssl rand -hex 32");
      }
    }
  }

  /**
   * A mail server.
   *
   * @param tls how TLS starts; there is no plaintext
   * @param user null if the server needs no sign-in
   * @param passwordFile its first line is the password; null without {@code user}
   */
  @SchemaRules("dependencies: {user: [passwordFile], passwordFile: [user]}")
  public record Smtp(
      @Key(required = true, expected = "host:port of a mail server, such as mail.corp.example:587")
          HostPort server,
      OriginTls tls,
      @Key(required = true, form = MailAddresses.Mailbox.class) String from,
      @Key(
              required = true,
              single = true,
              form = MailAddresses.Mailbox.class,
              schema = "{maxItems: 20}")
          List<String> to,
      @Key(expected = "a user of that server") @Nullable String user,
      @Nullable Path passwordFile)
      implements Checked {
    private static final int MAX_RECIPIENTS = 20;
    private static final int IMPLICIT = 465;

    /** Without {@code tls}, the port says how TLS starts. */
    public Smtp {
      if (tls == null) {
        tls = server != null && server.port() == IMPLICIT ? OriginTls.IMPLICIT : OriginTls.STARTTLS;
      }
    }

    @Override
    public void check(Section section) {
      if (to.size() > MAX_RECIPIENTS) {
        section.contradiction(
            "to", "at most " + MAX_RECIPIENTS + " addresses", "use the address of a mail group");
      }
      if ((user == null) != (passwordFile == null)) {
        section.missing(
            user == null ? "user" : "passwordFile",
            "user and passwordFile",
            "set both, or neither if the server needs no sign-in");
      }
    }
  }

  /**
   * A report each Monday at 06:00 UTC.
   *
   * @param tag of the devices
   * @param to the address that receives it
   */
  public record Weekly(
      @Key(required = true, form = Tag.class) String tag,
      @Key(required = true, form = MailAddresses.Mailbox.class) String to) {}

  /** A tag of devices. */
  @Form.Rules(
      expected = "a tag of 1 to 32 of the characters a-z, 0-9 and '-', such as printers",
      pattern = "^" + DeviceNotes.TAG + "$")
  static final class Tag implements Form<String> {
    @Override
    public String parse(String text) {
      if (!text.matches(DeviceNotes.TAG)) {
        throw new IllegalArgumentException("");
      }
      return text;
    }
  }

  /**
   * A web service.
   *
   * @param url https, without user or fragment
   * @param secretFile its first line is the key of the signature
   */
  public record Webhook(
      @Key(required = true, secret = true, form = Url.class) URI url,
      @Key(required = true) Path secretFile) {
    public HostPort server() {
      return new HostPort(url.getHost(), url.getPort() < 0 ? 443 : url.getPort());
    }

    /** The path and the query. */
    public String target() {
      String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
      return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    }
  }

  /** The address of a web service. */
  @Form.Rules(expected = "https://host/path", pattern = "^https://[^/\\s?#@]+([/?][^\\s#]*)?$")
  static final class Url implements Form<URI> {
    @Override
    public URI parse(String text) {
      URI url = Forms.url(text);
      if (!"https".equals(url.getScheme())) {
        throw new IllegalArgumentException("notifications are never sent in plaintext");
      }
      if (url.getHost() == null
          || url.getRawUserInfo() != null
          || url.getRawFragment() != null
          || url.getPort() == 0
          || url.getPort() > 65_535) {
        throw new IllegalArgumentException("write it without a user and without '#'");
      }
      return url;
    }
  }
}
