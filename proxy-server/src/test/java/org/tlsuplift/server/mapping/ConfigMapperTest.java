package org.tlsuplift.server.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerMail;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.ProxyProtocolSpec;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.negotiate.Redirection;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.proxy.tls.TlsProfile;
import org.tlsuplift.proxy.tls.rsa.Libcrypto;
import org.tlsuplift.proxy.tls.rsa.LibcryptoUnavailableException;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;
import org.tlsuplift.proxy.upstream.dial.SourceAddresses;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;

/** The configuration in the proxy's terms. */
class ConfigMapperTest {
  private static final String LISTENERS =
      """
      listeners:
        - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        - {name: mail, bind: "[::1]:8443", accept: fixed, origin: "a.example:993", profile: modern,
           serverNames: [mail.corp.example], whenModern: bridge}
      routes:
        - {to: ["a.example:993"], action: bridge}
      """;

  private static ResolvedConfig map(String yaml) throws InvalidConfigException {
    return ConfigMapper.map(ConfigLoader.parse(yaml, "test"));
  }

  @Test
  void mapsListenersInTheirOrder() throws InvalidConfigException {
    ResolvedConfig resolvedConfig = map(LISTENERS);

    assertThat(resolvedConfig.listeners())
        .satisfiesExactly(
            web -> {
              assertThat(web.name()).isEqualTo("web");
              assertThat(web.bind()).containsExactly(new InetSocketAddress("127.0.0.1", 0));
              assertThat(web.accept()).isEqualTo(new AcceptMode.HttpConnect());
              assertThat(web.profile()).isEqualTo(LegacyTls.PROFILE);
              assertThat(web.mail()).isEqualTo(ListenerMail.NONE);
              assertThat(web.whenModern()).isNull();
            },
            mail -> {
              assertThat(mail.bind()).containsExactly(new InetSocketAddress("::1", 8443));
              assertThat(mail.accept())
                  .isEqualTo(new AcceptMode.Fixed(new HostPort("a.example", 993)));
              assertThat(mail.mail()).isEqualTo(ListenerMail.NONE);
              assertThat(mail.profile()).isEqualTo(TlsProfile.MODERN);
              assertThat(mail.serverNames()).containsExactly("mail.corp.example");
              assertThat(mail.whenModern()).isEqualTo(WhenModern.BRIDGE);
            });
  }

  @Test
  void refusesAnotherSniExceptOnFixedListenersByDefault() throws Exception {
    ResolvedConfig resolvedConfig =
        map(
            """
            listeners:
              - {name: a, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: b, bind: "127.0.0.1:0", accept: socks, profile: legacy}
              - {name: c, bind: "127.0.0.1:0", accept: fixed, origin: "a.example:443", profile: legacy}
              - name: d
                bind: "127.0.0.1:0"
                accept: http-connect
                profile: legacy
                serverNameMismatch: useTarget
              - name: e
                bind: "127.0.0.1:0"
                accept: fixed
                origin: a.example:443
                profile: legacy
                serverNameMismatch: refuse
            routes: [{to: ["a.example:443"], action: bridge}]
            """);

    assertThat(resolvedConfig.listeners())
        .extracting(ListenerSpec::serverNameMismatch)
        .containsExactly(
            ServerNameMismatch.REFUSE,
            ServerNameMismatch.REFUSE,
            ServerNameMismatch.USE_TARGET,
            ServerNameMismatch.USE_TARGET,
            ServerNameMismatch.REFUSE);
  }

  @Test
  void refusesLibcryptoWhereItCannotBeCalled() {
    assumeThat(isLibcryptoAvailable()).isFalse();
    assertThatThrownBy(
            () ->
                map(
                    """
                    rsa: libcrypto
                    listeners: [{name: a, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}]
                    """))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("rsa: 'libcrypto' is not available: ")
        .hasMessageContaining("or write 'auto' for the fastest that this machine has");
  }

  private static boolean isLibcryptoAvailable() {
    try {
      return !Libcrypto.load().version().isEmpty();
    } catch (LibcryptoUnavailableException unavailable) {
      return false;
    }
  }

  @Test
  void mapsSendersOfProxyHeaders() throws InvalidConfigException {
    ResolvedConfig resolvedConfig =
        map(
            """
            listeners:
              - name: web
                bind: "127.0.0.1:0"
                proxyProtocol: {accept: required, from: [10.0.0.1, "2001:db8::/64"]}
                accept: http-connect
                profile: legacy
              - {name: plain, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            """);

    assertThat(resolvedConfig.listeners())
        .extracting(ListenerSpec::proxyProtocol)
        .containsExactly(
            new ProxyProtocolSpec(List.of(Cidr.parse("10.0.0.1"), Cidr.parse("2001:db8::/64"))),
            null);
  }

  @Test
  void mapsSocksListenersWithTheirUsersAndKeepsThePasswords(@TempDir Path directory)
      throws Exception {
    Path file = Files.writeString(directory.resolve("password"), "hunter2\n");
    ResolvedConfig resolvedConfig =
        map(
            """
            listeners:
              - {name: open, bind: "127.0.0.1:0", accept: socks, profile: legacy}
              - name: closed
                bind: "127.0.0.1:0"
                accept: socks
                users: [{name: scanner, passwordFile: "%s"}]
                profile: legacy
            """
                .formatted(file));

    assertThat(resolvedConfig.listeners())
        .extracting(listener -> listener.accept().toString())
        .containsExactly("Socks[users=0 users]", "Socks[users=1 users]");
  }

  @Test
  void mapsTransparentListenersToRedirectByDefault() throws InvalidConfigException {
    ResolvedConfig resolvedConfig =
        map(
            """
            listeners:
              - {name: a, bind: "127.0.0.1:0", accept: transparent, profile: legacy}
              - name: b
                bind: "127.0.0.1:0"
                accept: transparent
                transparent: redirect
                profile: legacy
              - name: c
                bind: "127.0.0.1:0"
                accept: transparent
                transparent: tproxy
                profile: legacy
            transport: %s
            """
                .formatted(Transport.EPOLL.isAvailable() ? "epoll" : "io_uring"));

    assertThat(resolvedConfig.listeners())
        .extracting(ListenerSpec::accept)
        .containsExactly(
            new AcceptMode.Transparent(Redirection.redirect()),
            new AcceptMode.Transparent(Redirection.redirect()),
            new AcceptMode.Transparent(Redirection.tproxy()));
  }

  @Test
  void refusesATransparentListenerWithoutASuitableTransport() {
    String yaml =
        """
        listeners:
          - {name: in, bind: "127.0.0.1:0", accept: transparent, profile: legacy}
        transport: nio
        """;

    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> map(yaml))
        .withMessageContaining(
            "listeners[0].accept: 'transparent' needs epoll or io_uring on Linux")
        .withMessageContaining("transport 'nio'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "587 | protocol: smtp | SMTP | STARTTLS | STARTTLS | false",
        "465 | protocol: smtp | SMTP | IMPLICIT | IMPLICIT | false",
        "143 | protocol: imap | IMAP | STARTTLS | STARTTLS | false",
        "993 | protocol: imap | IMAP | IMPLICIT | IMPLICIT | false",
        "110 | protocol: pop3 | POP3 | STARTTLS | STARTTLS | false",
        "995 | protocol: pop3 | POP3 | IMPLICIT | IMPLICIT | false",
        "2500 | protocol: smtp | SMTP | STARTTLS | STARTTLS | false",
        "2500 | protocol: smtp, upstreamTls: implicit | SMTP | IMPLICIT | IMPLICIT | false",
        "587 | protocol: smtp, downstreamTls: implicit | SMTP | IMPLICIT | STARTTLS | false",
        "993 | protocol: imap, downstreamTls: starttls | IMAP | STARTTLS | IMPLICIT | false",
        "995 | protocol: pop3, downstreamTls: optional | POP3 | OPTIONAL | IMPLICIT | false",
        "587 | protocol: smtp, downstreamTls: optional, allowPlaintext: true | SMTP | OPTIONAL | STARTTLS | true",
      })
  void mapsMailWithTheFormsOfTlsThatItsOriginsPortHas(
      int port,
      String keys,
      MailProtocol protocol,
      MailService.DeviceTls deviceTls,
      MailService.OriginTls originTls,
      boolean allowPlaintext)
      throws InvalidConfigException {
    ResolvedConfig resolvedConfig =
        map(
            """
            listeners:
              - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "a.example:%d",
                 profile: legacy, %s}
            routes:
              - {to: ["a.example:*"], action: bridge}
            """
                .formatted(port, keys));

    assertThat(resolvedConfig.listeners())
        .extracting(listener -> listener.mail().service())
        .containsExactly(new MailService(protocol, deviceTls, originTls, allowPlaintext));
  }

  @Test
  void mapsEveryLimitToItsOwnPlace() throws InvalidConfigException {
    ResolvedConfig resolvedConfig =
        map(
            LISTENERS
                + """
                limits: {maxSessions: 7, maxSessionsPerDevice: 5, ipv6Prefix: 56,
                         handshakesPerSecond: 3, handshakeBurst: 4, negotiationTimeout: 11s,
                         handshakeTimeout: 12s, idleTimeout: 13s, drainTimeout: 14s}
                upstream: {connectTimeout: 15s, dnsTimeout: 16s, maximumVersion: TLSv1.2, postQuantum: false, revocation: soft,
                           spareConnections: 3}
                """);

    assertThat(resolvedConfig.limits())
        .isEqualTo(
            new Limits(
                7,
                5,
                new DeviceNetworks(56),
                new Limits.Handshakes(3, 4),
                Duration.ofSeconds(11),
                Duration.ofSeconds(12),
                Duration.ofSeconds(13)));
    assertThat(resolvedConfig.upstream())
        .isEqualTo(
            new UpstreamSpec(
                Duration.ofSeconds(16),
                Duration.ofSeconds(15),
                Duration.ofSeconds(12),
                UpstreamSpec.REPLY_TIMEOUT,
                SourceAddresses.ANY,
                Egress.DIRECT,
                RevocationMode.SOFT,
                PrivateAddresses.WHERE_NAMED,
                3,
                false));
    assertThat(resolvedConfig.maximumUpstream()).isEqualTo(TlsVersion.TLS_1_2);
  }

  @Test
  void usesTheBestTransportUnlessOneIsConfigured() throws InvalidConfigException {
    assertThat(map(LISTENERS).transport()).isEqualTo(Transport.best());
    assertThat(map(LISTENERS + "transport: nio\n").transport()).isEqualTo(Transport.NIO);
  }

  @Test
  void mapsSeveralAddressesOfOneListener() throws InvalidConfigException {
    ResolvedConfig resolvedConfig =
        map(
            """
            listeners:
              - {name: web, bind: ["127.0.0.1:0", "[::1]:0"], accept: http-connect, profile: legacy}
            """);

    assertThat(resolvedConfig.listeners())
        .singleElement()
        .satisfies(
            web ->
                assertThat(web.bind())
                    .containsExactly(
                        new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("::1", 0)));
  }

  @Test
  void sharesPortsOnlyIfTheKernelBalancesConnections() throws InvalidConfigException {
    String shared =
        """
        listeners:
          - {name: web, bind: "127.0.0.1:0", reusePort: true, accept: http-connect, profile: legacy}
        """;

    assertThat(map(shared + "transport: epoll\n").listeners().get(0).reusePort()).isTrue();
    assertThat(map(LISTENERS).listeners().get(0).reusePort()).isFalse();
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> map(shared + "transport: nio\n"))
        .withMessageContaining(
            "listeners[0].reusePort: 'true' is not possible with transport 'nio'");
  }

  @Test
  void mapsEgressOfRoutesAndTheCommonOne(@TempDir Path directory) throws Exception {
    Path password = Files.writeString(directory.resolve("password"), "Geheimnis");
    ResolvedConfig resolvedConfig =
        map(
            """
            listeners: [{name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}]
            routes:
              - {to: ["a.example:443"], action: bridge}
              - {to: ["b.example:443"], action: bridge, via: direct}
              - {to: ["c.example:443"], action: tunnel, sendProxyHeader: none}
              - {to: ["d.example:443"], action: tunnel, via: "socks5://scanner:%1$s@socks:1080"}
            upstream:
              via: "http://scanner:%1$s@proxy:8080"
              sendProxyHeader: v2
              sourceAddress: ["2001:db8::1", 192.0.2.1]
            """
                .formatted(password));
    UpstreamProxy.Credentials scanner = new UpstreamProxy.Credentials("scanner", "Geheimnis");
    UpstreamProxy http =
        new UpstreamProxy(UpstreamProxy.Protocol.HTTP, new HostPort("proxy", 8080), scanner);
    UpstreamProxy socks =
        new UpstreamProxy(UpstreamProxy.Protocol.SOCKS5, new HostPort("socks", 1080), scanner);

    assertThat(resolvedConfig.upstream().egress()).isEqualTo(new Egress(http, true));
    assertThat(resolvedConfig.routes().routes())
        .extracting(Route::egress)
        .containsExactly(
            new Egress(http, true),
            new Egress(null, true),
            new Egress(http, false),
            new Egress(socks, true));
    assertThat(resolvedConfig.upstream().sources())
        .isEqualTo(
            new SourceAddresses(
                (Inet4Address) InetAddress.getByName("192.0.2.1"),
                (Inet6Address) InetAddress.getByName("2001:db8::1")));
  }

  @ParameterizedTest
  @CsvSource({"'', WHERE_NAMED", "true, ALWAYS", "false, NEVER"})
  void mapsAllowPrivateAddresses(String allowed, PrivateAddresses addresses) throws Exception {
    String upstream =
        allowed.isEmpty() ? "" : "upstream: {allowPrivateAddresses: " + allowed + "}\n";
    assertThat(map(LISTENERS + upstream).upstream().privateAddresses()).isEqualTo(addresses);
  }

  @Test
  void doesNotListMicrosoftsNamesAsOperatorsNames() throws Exception {
    ResolvedConfig resolvedConfig =
        map(
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: [microsoft365, "smtp.office365.com:2525", "*.corp.example"], action: bridge}
            """);

    assertThat(
            Stream.of(
                    "outlook.office365.com:443",
                    "smtp.office365.com:587",
                    "smtp.office365.com:2525",
                    "mail.corp.example:443")
                .filter(
                    target ->
                        resolvedConfig
                            .routes()
                            .scope(
                                HostPort.parse(target).orElseThrow(), PrivateAddresses.WHERE_NAMED)
                            .named()))
        .containsExactly("smtp.office365.com:2525");
  }

  @Test
  void trustsTheBundleOnly(@TempDir Path directory) throws Exception {
    Path bundle = directory.resolve("roots.pem");
    byte[] one = CaExport.encode(TestAuthority.create().certificate(), CaExport.Format.PEM);
    byte[] other = CaExport.encode(TestAuthority.create().certificate(), CaExport.Format.PEM);
    Files.write(bundle, one);
    Files.write(bundle, other, java.nio.file.StandardOpenOption.APPEND);

    assertThat(map(LISTENERS + "upstream: {trust: '" + bundle + "'}\n").trust().size())
        .isEqualTo(2);
    assertThat(map(LISTENERS).trust().size()).isGreaterThan(2);
  }

  @Test
  void reportsEverythingThatThisMachineLacks() {
    String yaml =
        """
        listeners:
          - {name: web, bind: "nowhere.invalid:1", accept: http-connect, profile: legacy}
        admin:
          bind: "elsewhere.invalid:2"
          tls: auto
          tokens: [{name: a, sha256: "%s"}]
        """
            .formatted("0".repeat(64));

    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> map(yaml))
        .satisfies(
            invalid ->
                assertThat(invalid.problems())
                    .extracting(ConfigProblem::path)
                    .containsExactly("listeners[0].bind", "admin.bind"))
        .withMessageContaining("the name 'nowhere.invalid' has no address");
  }
}
