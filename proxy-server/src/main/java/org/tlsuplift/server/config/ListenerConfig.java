package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.policy.MailPolicy;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.negotiate.Redirection;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.route.WhenModern;

/**
 * A port for devices.
 *
 * @param name metric label and log field
 * @param bind at least one
 * @param reusePort whether another process may listen there too
 * @param proxyProtocol null if devices connect directly
 * @param transparent the rule that redirects devices, or null
 * @param users of a SOCKS listener; empty admits every device
 * @param origin of a fixed listener, otherwise null
 * @param protocol of a fixed listener
 * @param downstreamTls null without mail
 * @param upstreamTls null without mail
 * @param allowPlaintext whether mail devices may continue without TLS
 * @param signIn whether mail devices sign in here
 * @param mail the rules for messages; null for none
 * @param serverNames for the certificate of a fixed listener, besides the origin's name
 * @param whenModern overrides the route's value; null for the route's
 * @param devices of an antique listener, otherwise empty
 * @param until the last day of an antique listener, otherwise null
 * @param certificate of an antique listener with its own CA, otherwise null
 * @param certificateFiles the operator's certificate for devices, otherwise null
 */
public record ListenerConfig(
    String name,
    List<BindAddress> bind,
    boolean reusePort,
    @Nullable ProxyProtocol proxyProtocol,
    Accept accept,
    @Nullable Redirection transparent,
    List<User> users,
    @Nullable HostPort origin,
    Protocol protocol,
    MailService.@Nullable DeviceTls downstreamTls,
    MailService.@Nullable OriginTls upstreamTls,
    boolean allowPlaintext,
    boolean signIn,
    @Nullable MailPolicy mail,
    Profile profile,
    List<String> serverNames,
    ServerNameMismatch serverNameMismatch,
    @Nullable WhenModern whenModern,
    List<Cidr> devices,
    @Nullable LocalDate until,
    @Nullable ListenerCertificate certificate,
    @Nullable KeyFiles certificateFiles) {
  public ListenerConfig {
    bind = List.copyOf(bind);
    users = List.copyOf(users);
    serverNames = List.copyOf(serverNames);
    devices = List.copyOf(devices);
  }

  /**
   * PROXY headers, which name the device.
   *
   * @param from the senders, at least one address block
   */
  public record ProxyProtocol(ProxyHeader accept, List<Cidr> from) {
    public ProxyProtocol {
      from = List.copyOf(from);
    }
  }

  /** The handling of PROXY headers. */
  public enum ProxyHeader implements Labelled {
    /** Connections without a header are closed. */
    REQUIRED
  }

  /**
   * A user of a SOCKS listener.
   *
   * @param name 1 to 255 ASCII characters
   * @param passwordFile its first line is the password
   */
  public record User(String name, Path passwordFile) {
    public static final String ALLOWED = "1 to 255 visible ASCII characters";
  }

  /** How a device names its destination. */
  public enum Accept implements Labelled {
    /** With the CONNECT method of an HTTP proxy (RFC 9110 section 9.3.6). */
    HTTP_CONNECT("http-connect"),
    /** With the command CONNECT of a SOCKS proxy: version 5 (RFC 1928) or 4a. */
    SOCKS("socks"),
    /** It names none: the packet filter redirects its connections. */
    TRANSPARENT("transparent"),
    /** It names none: the port is for one origin. */
    FIXED("fixed");

    private final String label;

    Accept(String label) {
      this.label = label;
    }

    /**
     * The default for devices whose ClientHello names another host. Devices reach a fixed listener
     * by names that are not configured, and the operator chose its origin.
     */
    public ServerNameMismatch mismatch() {
      return this == FIXED ? ServerNameMismatch.USE_TARGET : ServerNameMismatch.REFUSE;
    }

    @Override
    public String label() {
      return label;
    }
  }

  /** The protocol of a fixed listener. */
  public enum Protocol implements Labelled {
    /** Any protocol that begins with TLS. */
    TLS,
    SMTP,
    IMAP,
    POP3
  }

  /** A downstream TLS policy. */
  public enum Profile implements Labelled {
    /** TLS 1.2 and 1.3. */
    MODERN,
    /** TLS 1.0 to 1.3. */
    LEGACY,
    /** SSL 3.0 to TLS 1.3, with broken suites. */
    ANTIQUE
  }
}
