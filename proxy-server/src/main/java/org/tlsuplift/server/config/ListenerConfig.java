package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.negotiate.Redirection;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.route.WhenModern;

/**
 * One way in for devices.
 *
 * @param name metric label and log field
 * @param bind the addresses, at least one
 * @param reusePort whether another process may listen there too
 * @param proxyProtocol who sends PROXY headers, or null when devices connect themselves
 * @param accept how the device says where it wants to go
 * @param transparent the rule that redirects devices, null where none does
 * @param users the users of a SOCKS listener; without any, every device that may connect
 * @param origin where a fixed listener leads, null for others
 * @param protocol what is spoken with a fixed origin
 * @param downstreamTls how devices of mail come to TLS, null where no mail is spoken
 * @param upstreamTls how the mail origin comes to TLS, null where no mail is spoken
 * @param allowPlaintext whether a device of mail may go on without TLS
 * @param signIn whether devices of mail sign in here, and are signed in at the origin
 * @param profile the downstream TLS policy
 * @param serverNames names that the certificate of a fixed listener carries beside the origin's
 * @param serverNameMismatch what becomes of devices whose ClientHello names another host
 * @param whenModern overrides the route's, or null
 * @param devices the only devices of an antique listener; empty for others
 * @param until the last day of an antique listener; null for others
 * @param certificate what the certificates of an antique listener look like, which then has a CA of
 *     its own; null where they are as on all listeners
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
    Profile profile,
    List<String> serverNames,
    ServerNameMismatch serverNameMismatch,
    @Nullable WhenModern whenModern,
    List<Cidr> devices,
    @Nullable LocalDate until,
    @Nullable ListenerCertificate certificate) {
  public ListenerConfig {
    bind = List.copyOf(bind);
    users = List.copyOf(users);
    serverNames = List.copyOf(serverNames);
    devices = List.copyOf(devices);
  }

  /**
   * PROXY headers, which say which device connects.
   *
   * @param accept whether they must be there
   * @param from who may send them, at least one address block
   */
  public record ProxyProtocol(ProxyHeader accept, List<Cidr> from) {
    public ProxyProtocol {
      from = List.copyOf(from);
    }
  }

  /** Whether a PROXY header must be there. */
  public enum ProxyHeader implements Labelled {
    /** Connections without are ended. */
    REQUIRED
  }

  /**
   * Who may use a SOCKS listener.
   *
   * @param name of 1 to 255 characters of ASCII
   * @param passwordFile its first line is the password
   */
  public record User(String name, Path passwordFile) {
    public static final String ALLOWED = "1 to 255 visible characters of ASCII";
  }

  /** How a device says where it wants to go. */
  public enum Accept implements Labelled {
    /** By the CONNECT method of an HTTP proxy (RFC 9110 section 9.3.6). */
    HTTP_CONNECT("http-connect"),
    /** By the command CONNECT of a SOCKS proxy: version 5 (RFC 1928) or 4a. */
    SOCKS("socks"),
    /** Not at all: the packet filter redirects it. */
    TRANSPARENT("transparent"),
    /** Not at all: the port is for one origin. */
    FIXED("fixed");

    private final String label;

    Accept(String label) {
      this.label = label;
    }

    /**
     * What becomes by default of devices whose ClientHello names another host. Devices call a fixed
     * listener by names that are not configured, and its origin is the operator's choice.
     */
    public ServerNameMismatch mismatch() {
      return this == FIXED ? ServerNameMismatch.USE_TARGET : ServerNameMismatch.REFUSE;
    }

    @Override
    public String label() {
      return label;
    }
  }

  /** What is spoken with a fixed origin. */
  public enum Protocol implements Labelled {
    /** Anything that begins with TLS. */
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
