package org.tlsuplift.server.command.text;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.EgressConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.RouteConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.UpstreamConfig;
import org.tlsuplift.server.config.UpstreamProxySetting;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.secret.KeyFiles;

/** Parts of a configuration as text for a terminal. */
public final class ConfigText {
  private ConfigText() {}

  public static String of(UpstreamConfig upstream) {
    String from =
        upstream.sourceAddress().stream()
            .map(InetAddress::getHostAddress)
            .collect(Collectors.joining(" and "));
    EgressConfig egress = upstream.egress();
    return (egress.proxy() instanceof UpstreamProxySetting.Direct ? "" : text(egress.proxy()))
        + (egress.sendsProxyHeader() ? text(egress.sendProxyHeader()) : "")
        + (from.isEmpty() ? "" : ", from " + from);
  }

  public static String of(RouteConfig route) {
    String modern =
        route.action() == Action.BRIDGE
            ? " (modern devices: "
                + route.whenModern().label()
                + (route.clientCertificate() == null ? ")" : ", client certificate)")
            : "";
    return route.action().label()
        + modern
        + ": "
        + String.join(", ", route.to())
        + text(route.egress().via())
        + text(route.egress().sendProxyHeader());
  }

  /** Warnings about the state of this machine: no error, because it may change. */
  public static List<ConfigProblem> warnings(LoadedConfig loaded) throws InvalidConfigException {
    ServerConfig config = loaded.config();
    List<ConfigProblem> warnings = new ArrayList<>();
    for (InetAddress address : config.upstream().sourceAddress()) {
      if (!isHere(address)) {
        warnings.add(
            new ConfigProblem(
                "upstream.sourceAddress",
                "'" + address.getHostAddress() + "' is not an address of this machine now",
                "",
                "origins are unreachable until it is; add the address, or change the key"));
      }
    }
    warnings.addAll(SignInText.warnings(loaded));
    return warnings;
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
    return via instanceof UpstreamProxySetting.Direct ? ", direct" : ", through " + via;
  }

  private static String text(EgressConfig.@Nullable ProxyHeader header) {
    if (header == null) {
      return "";
    }
    return switch (header) {
      case V2 -> ", with a PROXY header (v2)";
      case NONE -> ", without a PROXY header";
    };
  }

  public static String commas(List<?> all) {
    return all.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  public static String of(AdminConfig admin) {
    return (admin.tls() == null ? "http" : "https")
        + "://"
        + admin.bind()
        + "/metrics, "
        + certificate(admin)
        + who(admin)
        + (admin.serverNames().isEmpty()
            ? ""
            : "; also known as " + String.join(", ", admin.serverNames()));
  }

  private static String certificate(AdminConfig admin) {
    if (admin.tls() instanceof AdminConfig.Tls.Files files) {
      KeyFiles keyFiles = files.keyFiles();
      return "TLS 1.2 and 1.3 with the certificate in "
          + (keyFiles.certificate() == null ? keyFiles.pkcs12() : keyFiles.certificate())
          + ", ";
    } else if (admin.tls() instanceof AdminConfig.Tls.Auto) {
      return "TLS 1.2 and 1.3 with a certificate from the CA, ";
    } else if (admin.tls() == null) {
      return "";
    }
    throw new UnhandledVariantException(admin.tls());
  }

  private static String who(AdminConfig admin) {
    List<String> names = new ArrayList<>();
    admin.users().forEach(user -> names.add(user.name()));
    admin.tokens().forEach(token -> names.add(token.name() + " (token)"));
    if (admin.openIdConnect() != null) {
      names.add("users of " + admin.openIdConnect().issuer());
    }
    return names.isEmpty()
        ? "for all users of this machine"
        : "for "
            + String.join(", ", names)
            + (admin.openMetrics() ? "; metrics without sign-in" : "");
  }
}
