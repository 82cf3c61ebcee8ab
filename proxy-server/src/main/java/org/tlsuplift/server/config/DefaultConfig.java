package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;

/** What holds where the YAML says nothing; a test keeps it equal to {@code tls-uplift.yaml}. */
final class DefaultConfig {
  static final ServerConfig CONFIG =
      new ServerConfig(
          Path.of("./data"),
          new ServerConfig.Devices(
              Stream.of(
                      "127.0.0.0/8",
                      "10.0.0.0/8",
                      "172.16.0.0/12",
                      "192.168.0.0/16",
                      "::1/128",
                      "fc00::/7")
                  .map(Cidr::parse)
                  .toList(),
              Map.of(),
              null,
              true),
          DefaultListeners.ALL,
          List.of(
              new ServerConfig.Route(
                  List.of(Microsoft365Endpoints.NAME),
                  Action.BRIDGE,
                  WhenModern.TUNNEL,
                  null,
                  null,
                  null)),
          new ServerConfig.Upstream(
              TlsVersion.TLS_1_3,
              null,
              RevocationMode.STAPLED,
              Duration.ofSeconds(5),
              Duration.ofSeconds(5),
              new UpstreamProxySetting.Direct(),
              ServerConfig.SendProxyHeader.NONE,
              null,
              List.of()),
          null,
          new CertificateAuthorityConfig(
              CertificateAuthorityConfig.KeyAlgorithm.RSA_2048,
              CertificateAuthorityConfig.Signature.SHA256,
              true,
              null,
              null,
              null,
              null),
          AdminConfig.at(new BindAddress("127.0.0.1", 9464)),
          new ServerConfig.Metrics(null),
          InventoryConfig.defaults(),
          null,
          new ServerConfig.Log(20),
          new ServerConfig.Limits(
              10_000,
              100,
              DeviceNetworks.DEFAULT.ipv6PrefixLength(),
              20,
              200,
              Duration.ofSeconds(10),
              Duration.ofSeconds(10),
              Duration.ofMinutes(10),
              Duration.ZERO,
              Duration.ofSeconds(30)),
          ServerConfig.Transport.AUTO);

  private DefaultConfig() {}
}
