package org.tlsuplift.server.mapping;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.upstream.dial.SourceAddresses;
import org.tlsuplift.server.config.EgressConfig;
import org.tlsuplift.server.config.RouteConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.UpstreamProxySetting;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.secret.PasswordFile;

/** Converts the egress settings into the proxy's types. Reads password files. */
final class EgressMapper {
  private final ServerConfig config;
  private final Consumer<ConfigProblem> problems;
  private final Egress ofAll;

  EgressMapper(ServerConfig config, Consumer<ConfigProblem> problems) {
    this.config = config;
    this.problems = problems;
    EgressConfig egress = config.upstream().egress();
    this.ofAll = new Egress(via("upstream.via", egress.proxy()), egress.sendsProxyHeader());
  }

  /** For routes without their own settings. */
  Egress ofAll() {
    return ofAll;
  }

  List<Egress> ofRoutes() {
    List<Egress> exits = new ArrayList<>();
    for (RouteConfig route : config.routes()) {
      boolean header = route.egress().or(config.upstream().egress()).sendsProxyHeader();
      UpstreamProxySetting via = route.egress().via();
      exits.add(
          new Egress(
              via == null ? ofAll.via() : via("routes[" + exits.size() + "].via", via), header));
    }
    return exits;
  }

  SourceAddresses sources() {
    Inet4Address ipv4 = null;
    Inet6Address ipv6 = null;
    for (InetAddress address : config.upstream().sourceAddress()) {
      if (address instanceof Inet4Address four) {
        ipv4 = four;
      } else if (address instanceof Inet6Address six) {
        ipv6 = six;
      }
    }
    return new SourceAddresses(ipv4, ipv6);
  }

  private @Nullable UpstreamProxy via(String path, UpstreamProxySetting setting) {
    if (setting instanceof UpstreamProxySetting.Direct) {
      return null;
    }
    if (!(setting instanceof UpstreamProxySetting.Proxy proxy)) {
      throw new UnhandledVariantException(setting);
    }
    UpstreamProxy.Credentials credentials = null;
    if (proxy.user() != null && proxy.passwordFile() != null) {
      try {
        credentials =
            new UpstreamProxy.Credentials(
                proxy.user(), PasswordFile.via(proxy.protocol(), proxy.passwordFile()));
      } catch (OperatorException unusable) {
        problems.accept(new ConfigProblem(path, unusable.getMessage(), "", ""));
      }
    }
    return new UpstreamProxy(proxy.protocol(), proxy.address(), credentials);
  }
}
