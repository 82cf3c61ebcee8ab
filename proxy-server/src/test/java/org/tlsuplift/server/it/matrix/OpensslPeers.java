package org.tlsuplift.server.it.matrix;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.LeafKind;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;

/**
 * Those who end TLS with Debian's OpenSSL, opened as far as they go.
 *
 * <p>Security level 0, the legacy provider, every version and every suite that the library has,
 * except those without encryption or authentication, a Diffie-Hellman group of 1024 bits, and all
 * certificates. What is refused all the same was left out when the library was built.
 */
final class OpensslPeers {
  private static final String CIPHERS = "ALL:!aNULL:!eNULL:@SECLEVEL=0";
  private static final String OPENSSL_CONF =
      """
      openssl_conf = all
      [all]
      providers = providers
      ssl_conf = ssl
      [providers]
      default = on
      legacy = on
      [on]
      activate = 1
      [ssl]
      system_default = open
      [open]
      MinProtocol = None
      CipherString = %s
      Options = UnsafeLegacyRenegotiation
      """;

  /** The second group of RFC 2409, which has 1024 bits. */
  private static final String DH_1024 =
      """
      -----BEGIN DH PARAMETERS-----
      MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
      Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
      /1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
      -----END DH PARAMETERS-----
      """;

  private final Lab lab;
  private final TestCa ca;
  private final InetSocketAddress origin;
  private final Path dh;
  private final Map<LeafKind, Identity> identities = new EnumMap<>(LeafKind.class);
  private final Map<String, String> environment;

  /**
   * Issues their certificates.
   *
   * @param origin where they pass everything on to, in plaintext
   */
  OpensslPeers(Lab lab, TestCa ca, InetSocketAddress origin) {
    this.lab = lab;
    this.ca = ca;
    this.origin = origin;
    this.dh = lab.file("dh.pem", DH_1024);
    this.environment =
        Map.of("OPENSSL_CONF", lab.file("openssl.cnf", OPENSSL_CONF.formatted(CIPHERS)).toString());
    for (LeafKind kind : LeafKind.values()) {
      identities.put(kind, ca.issue(kind, "localhost"));
    }
  }

  Contestant haproxy() {
    Map<LeafKind, InetSocketAddress> ports = ports();
    String config =
        """
        global
          ssl-security-level 0
          ssl-dh-param-file %s
        defaults
          mode tcp
          timeout connect 5s
          timeout client 1m
          timeout server 1m
        """
                .formatted(dh)
            + each(
                ports,
                (kind, address) ->
                    """
                    listen %s
                      bind %s ssl crt %s ciphers %s ssl-min-ver SSLv3
                      server one %s
                    """
                        .formatted(
                            kind.label(), address, bundle(kind), CIPHERS, Loopback.text(origin)));
    start(
        List.of(Peers.require("haproxy"), "-db", "-f", lab.file("haproxy.cfg", config).toString()),
        ports);
    return contestant("HAProxy", ports);
  }

  /** The stream module of nginx. */
  Contestant nginx() {
    Map<LeafKind, InetSocketAddress> ports = ports();
    String config =
        "load_module "
            + Peers.nginxModule("ngx_stream_module.so", "libnginx-mod-stream")
            + ";\nevents {}\nstream {\n"
            + each(
                ports,
                (kind, address) ->
                    """
                    server {
                      listen %s ssl;
                      proxy_pass %s;
                      ssl_certificate %s;
                      ssl_certificate_key %s;
                      ssl_protocols SSLv2 SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
                      ssl_ciphers %s;
                      ssl_dhparam %s;
                    }
                    """
                        .formatted(
                            address,
                            Loopback.text(origin),
                            identities.get(kind).certificateFile(),
                            identities.get(kind).keyFile(),
                            CIPHERS,
                            dh))
            + "}\n";
    Nginx.start(lab, Machine.HERE, config, environment, List.copyOf(ports.values()));
    return contestant("nginx stream", ports);
  }

  Contestant stunnel() {
    Map<LeafKind, InetSocketAddress> ports = ports();
    String config =
        """
        foreground = yes
        pid =
        securityLevel = 0
        sslVersionMin = all
        options = -NO_SSLv2
        options = -NO_SSLv3
        ciphers = %s
        """
                .formatted(CIPHERS)
            + each(
                ports,
                (kind, address) ->
                    """
                    [%s]
                    accept = %s
                    connect = %s
                    cert = %s
                    """
                        .formatted(kind.label(), address, Loopback.text(origin), bundle(kind)));
    start(List.of(Peers.require("stunnel"), lab.file("stunnel.conf", config).toString()), ports);
    return contestant("stunnel", ports);
  }

  private Map<LeafKind, InetSocketAddress> ports() {
    Map<LeafKind, InetSocketAddress> ports = new EnumMap<>(LeafKind.class);
    for (LeafKind kind : LeafKind.values()) {
      ports.put(kind, new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4)));
    }
    return ports;
  }

  private static String each(
      Map<LeafKind, InetSocketAddress> ports, BiFunction<LeafKind, String, String> block) {
    return ports.entrySet().stream()
        .map(entry -> block.apply(entry.getKey(), Loopback.text(entry.getValue())))
        .collect(Collectors.joining());
  }

  /** Certificate, key and group in one file. */
  private Path bundle(LeafKind kind) {
    Identity identity = identities.get(kind);
    return lab.file("bundle.pem", identity.pem() + DH_1024);
  }

  private void start(List<String> command, Map<LeafKind, InetSocketAddress> ports) {
    ProcessBuilder program = new ProcessBuilder(command);
    program.environment().putAll(environment);
    lab.add(Child.start(program)).awaitListening(ports.values());
  }

  private Contestant contestant(String name, Map<LeafKind, InetSocketAddress> ports) {
    return new Contestant(
        name,
        ports.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    entry -> new Contestant.Endpoint(entry.getValue(), ca.file()))));
  }
}
