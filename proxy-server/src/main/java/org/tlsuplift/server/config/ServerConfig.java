package org.tlsuplift.server.config;

import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.session.Action;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.session.TlsVersion;

/**
 * The configuration, component for component as the YAML has it; the manual is {@code
 * config/tls-uplift.yaml}.
 *
 * <p>One that came from {@link ConfigLoader} has been checked. Relative paths are relative to the
 * working directory.
 *
 * @param dataDirectory where the daemon keeps what must survive a restart
 * @param devices who may connect
 * @param listeners the ports for devices, at least one
 * @param routes where devices may go, in the order tried, at least one
 * @param upstream the side of the origins
 * @param signIn how devices are signed in at origins, or null where they do that themselves
 * @param certificateAuthority who signs the certificates shown to devices
 * @param admin pages, metrics and health
 * @param metrics where metrics are sent to, beside being served
 * @param inventory who still needs the upgrade
 * @param accessLog where sessions are written down, or null when they are not
 * @param limits bounds on number and time
 * @param transport how Netty speaks to the kernel
 */
public record ServerConfig(
    Path dataDirectory,
    Devices devices,
    List<Listener> listeners,
    List<Route> routes,
    Upstream upstream,
    @Nullable SignInConfig signIn,
    CertificateAuthority certificateAuthority,
    AdminConfig admin,
    Metrics metrics,
    InventoryConfig inventory,
    @Nullable AccessLog accessLog,
    Limits limits,
    Transport transport) {

  /** Copies the lists. */
  public ServerConfig {
    listeners = List.copyOf(listeners);
    routes = List.copyOf(routes);
  }

  /** What runs without a file: the same as the text of {@code config/tls-uplift.yaml}. */
  public static ServerConfig defaults() {
    return DefaultConfig.CONFIG;
  }

  /** A word of the configuration. */
  public interface Labelled {
    /** The word as it is written in the YAML. */
    String label();
  }

  /**
   * Who may connect.
   *
   * @param allow the admitted address blocks
   * @param names what the inventory calls some of them
   * @param namesFile a file with more names, or null
   * @param reverseDns whether the inventory asks the name service for the names of the others
   */
  public record Devices(
      List<Cidr> allow,
      Map<InetAddress, String> names,
      @Nullable Path namesFile,
      boolean reverseDns) {
    /** Copies list and map. */
    public Devices {
      allow = List.copyOf(allow);
      names = Map.copyOf(names);
    }
  }

  /**
   * One way in for devices.
   *
   * @param name metric label and log field
   * @param bind the addresses, at least one
   * @param reusePort whether another process may listen there too
   * @param proxyProtocol who sends PROXY headers, or null when devices connect themselves
   * @param accept how the device says where it wants to go
   * @param transparent the rule that redirects devices, null where none does
   * @param users who may use a SOCKS listener; everybody who may connect when there are none
   * @param origin where a fixed listener leads, null for others
   * @param protocol what is spoken with a fixed origin
   * @param downstreamTls how devices of mail come to TLS, null where no mail is spoken
   * @param upstreamTls how the mail origin comes to TLS, null where no mail is spoken
   * @param allowPlaintext whether a device of mail may go on without TLS
   * @param signIn whether devices of mail sign in here, and are signed in at the origin
   * @param profile the downstream TLS policy
   * @param serverNames names that the certificate of a fixed listener carries beside the origin's
   * @param whenModern overrides the route's, or null
   * @param devices the only devices of an antique listener; empty for others
   * @param until the last day of an antique listener; null for others
   * @param certificate what the certificates of an antique listener look like, which then has a CA
   *     of its own; null where they are as on all listeners
   */
  public record Listener(
      String name,
      List<BindAddress> bind,
      boolean reusePort,
      @Nullable ProxyProtocol proxyProtocol,
      Accept accept,
      @Nullable Transparent transparent,
      List<User> users,
      @Nullable HostPort origin,
      Protocol protocol,
      MailService.@Nullable DeviceTls downstreamTls,
      MailService.@Nullable OriginTls upstreamTls,
      boolean allowPlaintext,
      boolean signIn,
      Profile profile,
      List<String> serverNames,
      @Nullable WhenModern whenModern,
      List<Cidr> devices,
      @Nullable LocalDate until,
      @Nullable ListenerCertificate certificate) {
    /** Copies the lists. */
    public Listener {
      bind = List.copyOf(bind);
      users = List.copyOf(users);
      serverNames = List.copyOf(serverNames);
      devices = List.copyOf(devices);
    }
  }

  /**
   * PROXY headers, which say which device connects.
   *
   * @param accept whether they must be there
   * @param from who may send them, at least one address block
   */
  public record ProxyProtocol(ProxyHeader accept, List<Cidr> from) {
    /** Copies the list. */
    public ProxyProtocol {
      from = List.copyOf(from);
    }
  }

  /** Whether a PROXY header must be there. */
  public enum ProxyHeader implements Labelled {
    /** Connections without are ended. */
    REQUIRED;

    @Override
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Who may use a SOCKS listener.
   *
   * @param name of 1 to 255 characters of ASCII
   * @param passwordFile its first line is the password
   */
  public record User(String name, Path passwordFile) {}

  /** How a device says where it wants to go. */
  public enum Accept implements Labelled {
    /** By the CONNECT method of an HTTP proxy (RFC 9110 section 9.3.6). */
    HTTP_CONNECT("http-connect"),
    /** By the command CONNECT of a SOCKS proxy: version 5 (RFC 1928) or 4a. */
    SOCKS("socks"),
    /** Not at all: the packet filter redirects it. */
    TRANSPARENT("transparent"),
    /** Not at all: the port stands for one origin. */
    FIXED("fixed");

    private final String label;

    Accept(String label) {
      this.label = label;
    }

    @Override
    public String label() {
      return label;
    }
  }

  /** How the packet filter redirects devices. */
  public enum Transparent implements Labelled {
    /** It rewrites the destination: nftables {@code redirect} and {@code dnat}. */
    REDIRECT,
    /** It hands over the connection as it is: nftables {@code tproxy}. */
    TPROXY;

    @Override
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is spoken with a fixed origin. */
  public enum Protocol implements Labelled {
    /** Anything that begins with TLS. */
    TLS,
    /** Mail submission and relay. */
    SMTP,
    /** Mailbox access. */
    IMAP,
    /** Mailbox download. */
    POP3;

    @Override
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A downstream TLS policy. */
  public enum Profile implements Labelled {
    /** TLS 1.2 and 1.3. */
    MODERN,
    /** TLS 1.0 to 1.3. */
    LEGACY,
    /** SSL 3.0 to TLS 1.3, with broken suites. */
    ANTIQUE;

    @Override
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What becomes of sessions to certain destinations.
   *
   * @param to names of endpoint lists and destinations, as written; {@link ConfiguredRoutes} reads
   *     them
   * @param action bridge, tunnel, forward or deny
   * @param whenModern what a bridging route does with a modern device; {@code BRIDGE} where there
   *     is a client certificate
   * @param clientCertificate what is presented to origins that ask who we are, or null
   * @param via through which proxy they leave, or null as {@code upstream} says
   * @param sendProxyHeader what their connections to origins begin with, or null likewise
   */
  public record Route(
      List<String> to,
      Action action,
      WhenModern whenModern,
      @Nullable KeyFiles clientCertificate,
      @Nullable ViaSetting via,
      @Nullable SendProxyHeader sendProxyHeader) {
    /** Copies the list. */
    public Route {
      to = List.copyOf(to);
    }
  }

  /**
   * The side of the origins; its floor is TLS 1.2 and not to be found here.
   *
   * @param maximumVersion TLS 1.2 or 1.3
   * @param trust a PEM bundle of root certificates, or null for those of the Java runtime
   * @param connectTimeout for each address of an origin
   * @param dnsTimeout for the answer of the name service
   * @param via through which proxy connections leave, where no route says otherwise
   * @param sendProxyHeader what they begin with, where no route says otherwise
   * @param sourceAddress where they come from: at most one address of each family; none leaves it
   *     to the system
   */
  public record Upstream(
      TlsVersion maximumVersion,
      @Nullable Path trust,
      Duration connectTimeout,
      Duration dnsTimeout,
      ViaSetting via,
      SendProxyHeader sendProxyHeader,
      List<InetAddress> sourceAddress) {
    /** Copies the list. */
    public Upstream {
      sourceAddress = List.copyOf(sourceAddress);
    }
  }

  /** The PROXY header that connections to origins begin with. */
  public enum SendProxyHeader implements Labelled {
    /** No header. */
    NONE,
    /** A header of version 2, which tells of the device. */
    V2;

    @Override
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Who signs the certificates shown to devices: a CA made here, or the operator's own.
   *
   * @param keyAlgorithm of a CA made here
   * @param signature the hash of its signatures
   * @param nameConstraints whether a CA made here is confined to the names of the routes
   * @param certificate the operator's CA in PEM, or null
   * @param key its key in PEM, or null
   * @param pkcs12 both in one file, or null
   * @param passwordFile the password of key or file, or null
   */
  public record CertificateAuthority(
      KeyAlgorithm keyAlgorithm,
      Signature signature,
      boolean nameConstraints,
      @Nullable Path certificate,
      @Nullable Path key,
      @Nullable Path pkcs12,
      @Nullable Path passwordFile) {
    /** Where the operator's CA is; without a path when it is made here. */
    public KeyFiles keyFiles() {
      return new KeyFiles(certificate, key, pkcs12, passwordFile);
    }
  }

  /**
   * Where a private key and its certificates are.
   *
   * @param certificate the certificate in PEM, with its intermediates, or null
   * @param key its key in PEM, or null
   * @param pkcs12 both in one file, or null
   * @param passwordFile the password of key or file, or null
   */
  public record KeyFiles(
      @Nullable Path certificate,
      @Nullable Path key,
      @Nullable Path pkcs12,
      @Nullable Path passwordFile) {}

  /** The kind of key a CA is made with. */
  public enum KeyAlgorithm implements Labelled {
    /** RSA of 2048 bits. */
    RSA_2048("RSA-2048"),
    /** RSA of 3072 bits. */
    RSA_3072("RSA-3072"),
    /** RSA of 4096 bits. */
    RSA_4096("RSA-4096"),
    /** ECDSA on P-256. */
    EC_P256("EC-P256");

    private final String label;

    KeyAlgorithm(String label) {
      this.label = label;
    }

    @Override
    public String label() {
      return label;
    }
  }

  /** The hash of a certificate's signature. */
  public enum Signature implements Labelled {
    /** SHA-256. */
    SHA256,
    /** SHA-384. */
    SHA384;

    @Override
    public String label() {
      return name();
    }
  }

  /**
   * Where metrics are sent to, beside being served.
   *
   * @param otlp a receiver of OTLP, or null
   */
  public record Metrics(@Nullable Otlp otlp) {}

  /**
   * A receiver of metrics by OTLP over HTTP.
   *
   * @param url its address, http or https, with a path
   * @param interval from one export to the next
   * @param headersFile HTTP headers to send along, or null
   */
  public record Otlp(URI url, Duration interval, @Nullable Path headersFile) {}

  /**
   * One line for each session.
   *
   * @param file where; rotated files lie beside it
   * @param format how
   * @param maxFileSize in bytes, beyond which a file is rotated
   * @param keepDays how long rotated files are kept
   * @param maxTotalSize in bytes, of all rotated files
   */
  public record AccessLog(
      Path file, LogFormat format, long maxFileSize, int keepDays, long maxTotalSize) {}

  /** How a line of the access log is written. */
  public enum LogFormat implements Labelled {
    /** For programs. */
    JSON,
    /** For people. */
    TEXT;

    @Override
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Bounds on number and time.
   *
   * @param maxSessions sessions at once
   * @param maxSessionsPerDevice sessions at once from one address
   * @param negotiationTimeout from the connection to the complete ClientHello
   * @param handshakeTimeout for each TLS handshake
   * @param idleTimeout without a byte in either direction
   * @param stopGrace how long new sessions are still accepted after the instance has said that it
   *     is not ready any more
   * @param drainTimeout what sessions are left at shutdown
   */
  public record Limits(
      int maxSessions,
      int maxSessionsPerDevice,
      Duration negotiationTimeout,
      Duration handshakeTimeout,
      Duration idleTimeout,
      Duration stopGrace,
      Duration drainTimeout) {}

  /** How Netty speaks to the kernel. */
  public enum Transport implements Labelled {
    /** The best that runs here. */
    AUTO,
    /** The JDK's selectors: everywhere. */
    NIO,
    /** Linux epoll. */
    EPOLL,
    /** Linux io_uring. */
    IO_URING;

    @Override
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
