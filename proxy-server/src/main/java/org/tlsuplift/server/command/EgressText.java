package org.tlsuplift.server.command;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.UpstreamProxySetting;

/** Says how connections to origins leave. */
final class EgressText {
  private EgressText() {}

  static String of(ServerConfig.Upstream upstream) {
    String from =
        upstream.sourceAddress().stream()
            .map(InetAddress::getHostAddress)
            .collect(Collectors.joining(" and "));
    return (upstream.via() instanceof UpstreamProxySetting.Direct ? "" : text(upstream.via()))
        + (upstream.sendProxyHeader() == ServerConfig.SendProxyHeader.NONE
            ? ""
            : text(upstream.sendProxyHeader()))
        + (from.isEmpty() ? "" : ", from " + from);
  }

  static String of(ServerConfig.Route route) {
    return text(route.via()) + text(route.sendProxyHeader());
  }

  /** What an operator may have meant otherwise; a virtual address comes and goes, so it runs. */
  static List<String> warnings(ServerConfig.Upstream upstream) {
    return upstream.sourceAddress().stream()
        .filter(address -> !isHere(address))
        .map(
            address ->
                "upstream.sourceAddress: '"
                    + address.getHostAddress()
                    + "' is no address of this machine now; while it is not, no origin can be"
                    + " reached from it")
        .toList();
  }

  private static boolean isHere(InetAddress address) {
    try {
      return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException unknown) {
      return true;
    }
  }

  private static String text(@Nullable UpstreamProxySetting via) {
    if (via == null) {
      return "";
    }
    return via instanceof UpstreamProxySetting.Direct ? ", straight" : ", through " + via;
  }

  private static String text(ServerConfig.@Nullable SendProxyHeader header) {
    if (header == null) {
      return "";
    }
    return switch (header) {
      case NONE -> ", without a PROXY header";
      case V2 -> ", with a PROXY header (v2)";
    };
  }
}
