package org.tlsuplift.server.config.load;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.MailAddresses;
import org.tlsuplift.server.config.NotifyConfig;
import org.tlsuplift.server.config.yaml.FilePath;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads {@code notify}. */
final class NotifyReader {
  private static final int MAX_RECIPIENTS = 20;
  private static final int USUAL = 20;
  private static final String SERVER = "host:port of a mail server, such as mail.corp.example:587";
  private static final String URL = "https://host/path";
  private static final Words<OriginTls> TLS = Words.of(OriginTls.values());

  private NotifyReader() {}

  /** Null without the section. */
  static @Nullable NotifyConfig read(Section root) {
    Section section = root.section("notify");
    if (!root.has("notify")) {
      return null;
    }
    NotifyConfig notify =
        new NotifyConfig(
            smtp(section), webhook(section), section.integer("maxPerHour", USUAL, 1, 1000));
    if (!section.has("smtp") && !section.has("webhook")) {
      section.missing("smtp", "smtp or webhook", "add a receiver, or remove the section 'notify'");
    }
    section.end();
    return notify;
  }

  private static NotifyConfig.@Nullable Smtp smtp(Section parent) {
    Section section = parent.section("smtp");
    if (!parent.has("smtp")) {
      return null;
    }
    Optional<HostPort> server = section.required("server", SERVER, NotifyReader::server);
    Optional<OriginTls> tls = section.word("tls", TLS);
    Optional<String> from = section.required("from", MailAddresses.MAILBOX, MailAddresses::mailbox);
    List<String> to = section.oneOrMore("to", MailAddresses.MAILBOX, MailAddresses::mailbox);
    if (to.size() > MAX_RECIPIENTS) {
      section.contradiction(
          "to", "at most " + MAX_RECIPIENTS + " addresses", "use the address of a mail group");
    }
    Optional<String> user = section.value("user", "a user of that server", text -> text);
    Optional<Path> password = section.value("passwordFile", ConfigReader.PATH, FilePath::of);
    if (user.isPresent() != password.isPresent()) {
      section.missing(
          user.isPresent() ? "passwordFile" : "user",
          "user and passwordFile",
          "set both, or neither if the server needs no sign-in");
    }
    section.end();
    return server.isEmpty() || from.isEmpty()
        ? null
        : new NotifyConfig.Smtp(
            server.get(),
            tls.orElse(server.get().port() == 465 ? OriginTls.IMPLICIT : OriginTls.STARTTLS),
            from.get(),
            to,
            user.orElse(null),
            password.orElse(null));
  }

  private static NotifyConfig.@Nullable Webhook webhook(Section parent) {
    Section section = parent.section("webhook");
    if (!parent.has("webhook")) {
      return null;
    }
    Optional<URI> url = section.required("url", URL, NotifyReader::url);
    Optional<Path> secret = section.required("secretFile", ConfigReader.PATH, FilePath::of);
    section.end();
    return url.isEmpty() || secret.isEmpty()
        ? null
        : new NotifyConfig.Webhook(url.get(), secret.get());
  }

  private static HostPort server(String text) {
    return HostPort.parse(text).orElseThrow(() -> new IllegalArgumentException(""));
  }

  private static URI url(String text) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException malformed) {
      throw new IllegalArgumentException("", malformed);
    }
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
