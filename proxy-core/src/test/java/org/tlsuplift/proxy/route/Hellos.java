package org.tlsuplift.proxy.route;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsVersion;

/** ClientHellos and requests of several kinds of device. */
final class Hellos {
  private Hellos() {}

  static ClientHello hello(List<TlsVersion> versions, int... suites) {
    return hello(null, versions, suites);
  }

  static ClientHello hello(@Nullable String serverName, List<TlsVersion> versions, int... suites) {
    return new ClientHello(
        ClientHello.Framing.TLS,
        versions,
        Arrays.stream(suites).boxed().toList(),
        serverName,
        false,
        List.of(),
        List.of(),
        List.of(),
        false,
        200,
        "");
  }

  static ClientHello old(@Nullable String serverName) {
    return hello(serverName, List.of(TlsVersion.TLS_1_0), 0x002f);
  }

  static ClientHello modern(@Nullable String serverName) {
    return hello(serverName, List.of(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2), 0x1301, 0xc02f);
  }

  /** A ClientHello whose SNI does not name exactly one host. */
  static ClientHello unusable(ClientHello hello) {
    return new ClientHello(
        hello.framing(),
        hello.versions(),
        hello.cipherSuites(),
        null,
        true,
        List.of(),
        List.of(),
        List.of(),
        false,
        hello.length(),
        "");
  }

  static RouteRequest request(String target, @Nullable WhenModern whenModern, ClientHello hello) {
    return request(
        target,
        whenModern,
        new ServerNameRule(List.of(), true, ServerNameMismatch.USE_TARGET),
        hello);
  }

  static RouteRequest request(
      String target, @Nullable WhenModern whenModern, ServerNameRule names, ClientHello hello) {
    return new RouteRequest(HostPort.parse(target).orElseThrow(), whenModern, names, hello);
  }
}
