package org.tlsuplift.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The receivers of notifications about critical conditions.
 *
 * @param smtp null for no mail
 * @param webhook null for none
 * @param maxPerHour notifications to each receiver
 */
public record NotifyConfig(@Nullable Smtp smtp, @Nullable Webhook webhook, int maxPerHour) {
  /**
   * A mail server.
   *
   * @param tls how TLS starts; there is no plaintext
   * @param user null if the server needs no sign-in
   * @param passwordFile its first line is the password; null without {@code user}
   */
  public record Smtp(
      HostPort server,
      OriginTls tls,
      String from,
      List<String> to,
      @Nullable String user,
      @Nullable Path passwordFile) {
    public Smtp {
      to = List.copyOf(to);
    }
  }

  /**
   * A web service.
   *
   * @param url https, without user or fragment
   * @param secretFile its first line is the key of the signature
   */
  public record Webhook(URI url, Path secretFile) {
    public HostPort server() {
      return new HostPort(url.getHost(), url.getPort() < 0 ? 443 : url.getPort());
    }

    /** The path and the query. */
    public String target() {
      String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
      return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    }
  }
}
