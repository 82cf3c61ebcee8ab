package org.tlsuplift.server.config;

import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.policy.MailPolicy;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;
import org.tlsuplift.server.microsoft365.Cloud;

/**
 * The configuration, with the structure of the YAML; {@code config/tls-uplift.yaml} explains it.
 *
 * <p>{@code load.ConfigLoader} returns only checked configurations. Relative paths are relative to
 * the working directory.
 *
 * @param listeners at least one
 * @param mail the rules for messages of listeners without their own, or null for none; {@link
 *     ListenerConfig#mail} already has them
 * @param routes in the order of matching, at least one
 * @param signIn null if no device signs in here
 * @param database null if this is the only instance
 * @param accessLog null for none
 * @param notifications the section {@code notify}, which no record component may be called; null
 *     for none
 */
public record ServerConfig(
    Path dataDirectory,
    Devices devices,
    List<ListenerConfig> listeners,
    @Nullable MailPolicy mail,
    List<Route> routes,
    Microsoft365 microsoft365,
    Upstream upstream,
    @Nullable SignInConfig signIn,
    CertificateAuthorityConfig certificateAuthority,
    AdminConfig admin,
    Metrics metrics,
    @Nullable DatabaseConfig database,
    InventoryConfig inventory,
    MessagesConfig messages,
    @Nullable AccessLogConfig accessLog,
    @Nullable NotifyConfig notifications,
    LogConfig log,
    LimitsConfig limits,
    Transport transport,
    Rsa rsa) {

  public ServerConfig {
    listeners = List.copyOf(listeners);
    routes = List.copyOf(routes);
  }

  /** A copy with another port in {@code admin.bind}. */
  public ServerConfig onAdminPort(int port) {
    return new ServerConfig(
        dataDirectory,
        devices,
        listeners,
        mail,
        routes,
        microsoft365,
        upstream,
        signIn,
        certificateAuthority,
        admin.onPort(port),
        metrics,
        database,
        inventory,
        messages,
        accessLog,
        notifications,
        log,
        limits,
        transport,
        rsa);
  }

  /**
   * The devices that may connect.
   *
   * @param names of devices, for the inventory
   * @param namesFile a file with more names, or null
   * @param reverseDns whether the inventory looks up other names in DNS
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
   * A route.
   *
   * @param to endpoint lists and destinations, as written; {@link ConfiguredRoutes} parses them
   * @param whenModern the handling of modern devices; {@code BRIDGE} with a client certificate
   * @param clientCertificate for origins that request one, or null
   * @param via the upstream proxy, or null for the value of {@code upstream}
   * @param sendProxyHeader whether to send a PROXY header, or null for the value of {@code
   *     upstream}
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
   * Microsoft 365.
   *
   * @param cloud whose endpoints the lists of {@code routes} stand for
   * @param refresh the time between two checks for a newer list, or null to keep the stored one
   * @param url the web service, https without query
   */
  public record Microsoft365(Cloud cloud, @Nullable Duration refresh, URI url) {}

  /**
   * The settings for connections to origins; the minimum version is TLS 1.2 and has no setting.
   *
   * @param maximumVersion TLS 1.2 or 1.3
   * @param trust a PEM file with root certificates, or null for those of the Java runtime
   * @param connectTimeout for each address of an origin
   * @param via the upstream proxy of routes without their own
   * @param sendProxyHeader whether to send a PROXY header of version 2, for routes without their
   *     own setting
   * @param sourceAddress at most one address of each IP version; empty for the system's choice
   * @param spareConnections for each busy origin of a fixed listener and each event loop, 0 to 4
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
      List<InetAddress> sourceAddress,
      int spareConnections) {
    public Upstream {
      sourceAddress = List.copyOf(sourceAddress);
    }
  }

  /**
   * The receivers of metrics besides Prometheus.
   *
   * @param otlp null for none
   */
  public record Metrics(@Nullable Otlp otlp) {}

  /**
   * A receiver of metrics with OTLP over HTTP.
   *
   * @param url http or https, with a path
   * @param interval between two exports
   * @param headersFile HTTP headers, or null
   */
  public record Otlp(URI url, Duration interval, @Nullable Path headersFile) {
    public static final String ALLOWED =
        "http://host:port/v1/metrics or https://host:port/v1/metrics";
  }

  /** The network I/O of Netty. */
  public enum Transport implements Labelled {
    /** The best that this machine supports. */
    AUTO,
    /** The JDK's selectors, available everywhere. */
    NIO,
    EPOLL,
    IO_URING
  }

  /** The library that uses the RSA keys of the certificates for devices. */
  public enum Rsa implements Labelled {
    /** The faster one of this machine, by a measurement. */
    AUTO,
    BORINGSSL,
    /** The system's libcrypto of OpenSSL 3, on Linux with Java 22 or later. */
    LIBCRYPTO
  }
}
