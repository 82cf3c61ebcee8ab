package org.tlsuplift.server.config;

import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;

/**
 * The configuration, component for component as the YAML has it; the manual is {@code
 * config/tls-uplift.yaml}.
 *
 * <p>{@code load.ConfigLoader} returns checked ones only. Relative paths are relative to the
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
 * @param log how much is logged
 * @param limits bounds on number and time
 * @param transport how Netty speaks to the kernel
 */
public record ServerConfig(
    Path dataDirectory,
    Devices devices,
    List<ListenerConfig> listeners,
    List<Route> routes,
    Upstream upstream,
    @Nullable SignInConfig signIn,
    CertificateAuthorityConfig certificateAuthority,
    AdminConfig admin,
    Metrics metrics,
    InventoryConfig inventory,
    @Nullable AccessLogConfig accessLog,
    Log log,
    Limits limits,
    Transport transport) {

  public ServerConfig {
    listeners = List.copyOf(listeners);
    routes = List.copyOf(routes);
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
    public Devices {
      allow = List.copyOf(allow);
      names = Map.copyOf(names);
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
   * @param clientCertificate the client certificate for origins that request one, or null
   * @param via through which proxy they leave, or null as {@code upstream} says
   * @param sendProxyHeader whether their connections to origins begin with a PROXY header, or null
   *     likewise
   */
  public record Route(
      List<String> to,
      Action action,
      WhenModern whenModern,
      @Nullable KeyFiles clientCertificate,
      @Nullable UpstreamProxySetting via,
      @Nullable Boolean sendProxyHeader) {
    public Route {
      to = List.copyOf(to);
    }
  }

  /**
   * The side of the origins; its floor is TLS 1.2 and not to be found here.
   *
   * @param maximumVersion TLS 1.2 or 1.3
   * @param trust a PEM bundle of root certificates, or null for those of the Java runtime
   * @param revocation how much is done to learn whether an origin's certificate was revoked
   * @param connectTimeout for each address of an origin
   * @param dnsTimeout for the answer of the name service
   * @param via through which proxy connections leave, where no route says otherwise
   * @param sendProxyHeader whether they begin with a PROXY header of version 2, which names the
   *     device; where no route says otherwise
   * @param allowPrivateAddresses which origins may have addresses in private networks
   * @param sourceAddress where they come from: at most one address of each family; none leaves it
   *     to the system
   */
  public record Upstream(
      TlsVersion maximumVersion,
      @Nullable Path trust,
      RevocationMode revocation,
      Duration connectTimeout,
      Duration dnsTimeout,
      UpstreamProxySetting via,
      boolean sendProxyHeader,
      PrivateAddresses allowPrivateAddresses,
      List<InetAddress> sourceAddress) {
    public Upstream {
      sourceAddress = List.copyOf(sourceAddress);
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
  public record Otlp(URI url, Duration interval, @Nullable Path headersFile) {
    public static final String ALLOWED = "http://host:port/v1/metrics, or the same with https";
  }

  /**
   * How much is logged.
   *
   * @param linesPerMinute how many lines of one kind are written about one device
   */
  public record Log(int linesPerMinute) {}

  /**
   * Bounds on number and time.
   *
   * @param maxSessions sessions at once
   * @param maxSessionsPerDevice sessions at once from one device
   * @param ipv6Prefix the length of the IPv6 network that counts as one device
   * @param handshakesPerSecond TLS handshakes with one device, in the long run
   * @param handshakeBurst TLS handshakes with one device at once
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
      int ipv6Prefix,
      int handshakesPerSecond,
      int handshakeBurst,
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
    EPOLL,
    IO_URING
  }
}
