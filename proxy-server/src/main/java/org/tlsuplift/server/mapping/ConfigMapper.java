package org.tlsuplift.server.mapping;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.context.DeviceAdmission;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerMail;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.ProxyProtocolSpec;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.negotiate.Redirection;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.TlsProfile;
import org.tlsuplift.proxy.tls.rsa.Libcrypto;
import org.tlsuplift.proxy.tls.rsa.LibcryptoUnavailableException;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.config.ConfiguredRoutes;
import org.tlsuplift.server.config.LimitsConfig;
import org.tlsuplift.server.config.ListenerCertificate;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.microsoft365.PublishedList;

/**
 * Converts a configuration into the proxy's types, and reports settings that this machine does not
 * support.
 *
 * <p>It reads files and resolves names, so it blocks. It opens no port.
 */
public final class ConfigMapper {
  private final ServerConfig config;
  private final List<ConfigProblem> problems = new ArrayList<>();

  private ConfigMapper(ServerConfig config) {
    this.config = config;
  }

  /**
   * Maps a checked configuration.
   *
   * @throws InvalidConfigException with all settings that this machine does not support, and
   *     listeners whose origin must not get the tokens of the accounts
   */
  public static ResolvedConfig map(LoadedConfig loaded) throws InvalidConfigException {
    ConfigMapper mapper = new ConfigMapper(loaded.config());
    Transport transport = mapper.transport();
    List<ListenerSpec> listeners = mapper.listeners(transport);
    mapper.sharedPorts(transport);
    mapper.rsa();
    TokenHostChecks.check(loaded.config(), mapper.problems::add);
    InetSocketAddress admin = mapper.address("admin.bind", loaded.config().admin().bind());
    OriginTrust trust = TrustMapper.map(loaded.config().upstream().trust(), mapper.problems::add);
    EgressMapper exits = new EgressMapper(loaded.config(), mapper.problems::add);
    PublishedList published = ConfiguredRoutes.list(loaded.config());
    RouteTable routes = ConfiguredRoutes.of(loaded.config().routes(), published, exits.ofRoutes());
    if (trust == null || !mapper.problems.isEmpty()) {
      throw loaded.invalid(mapper.problems);
    }
    return new ResolvedConfig(
        transport,
        listeners,
        new DeviceAdmission(loaded.config().devices().allow()),
        limits(loaded.config().limits()),
        published,
        new ResolvedConfig.CurrentRoutes(routes),
        new UpstreamSpec(
            loaded.config().upstream().dnsTimeout(),
            loaded.config().upstream().connectTimeout(),
            loaded.config().limits().handshakeTimeout(),
            UpstreamSpec.REPLY_TIMEOUT,
            exits.sources(),
            exits.ofAll(),
            loaded.config().upstream().revocation(),
            loaded.config().upstream().privateAddresses(),
            loaded.config().upstream().spareConnections(),
            loaded.config().upstream().postQuantum()),
        trust,
        loaded.config().upstream().maximumVersion(),
        admin);
  }

  private Transport transport() {
    return switch (config.transport()) {
      case AUTO -> Transport.best();
      case NIO -> Transport.NIO;
      case EPOLL -> available(Transport.EPOLL, Epoll.unavailabilityCause());
      case IO_URING -> available(Transport.IO_URING, IoUring.unavailabilityCause());
    };
  }

  private Transport available(Transport wanted, @Nullable Throwable cause) {
    if (!wanted.isAvailable()) {
      problems.add(
          new ConfigProblem(
              "transport",
              "'" + wanted.label() + "' is not available on this machine: " + rootMessage(cause),
              "auto, nio",
              "write 'auto' for the best that this machine supports"));
    }
    return wanted;
  }

  private void rsa() {
    if (config.rsa() == ServerConfig.Rsa.LIBCRYPTO) {
      try {
        Libcrypto.load();
      } catch (LibcryptoUnavailableException unavailable) {
        problems.add(
            new ConfigProblem(
                "rsa",
                "'libcrypto' is not available: " + unavailable.getMessage(),
                "auto, boringssl",
                unavailable.remedy() + "; or write 'auto' for the fastest that this machine has"));
      }
    }
  }

  static String rootMessage(@Nullable Throwable cause) {
    Throwable root = cause;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    return root == null ? "unknown cause" : String.valueOf(root.getMessage()).strip();
  }

  private void sharedPorts(Transport transport) {
    for (int i = 0; i < config.listeners().size() && !transport.sharesPorts(); i++) {
      if (config.listeners().get(i).reusePort()) {
        problems.add(
            new ConfigProblem(
                "listeners[" + i + "].reusePort",
                "'true' is not possible with transport '" + transport.label() + "'",
                "false",
                "only epoll and io_uring on Linux support it: see 'transport'"));
      }
    }
  }

  private List<ListenerSpec> listeners(Transport transport) {
    List<ListenerSpec> specs = new ArrayList<>();
    for (ListenerConfig listener : config.listeners()) {
      String path = "listeners[" + specs.size() + "]";
      specs.add(
          new ListenerSpec(
              listener.name(),
              listener.bind().stream().map(bind -> address(path + ".bind", bind)).toList(),
              listener.reusePort(),
              listener.proxyProtocol() == null
                  ? null
                  : new ProxyProtocolSpec(listener.proxyProtocol().from()),
              accept(path, listener, transport),
              profile(listener),
              listener.certificate().serverNames(),
              listener.serverNameMismatch(),
              listener.whenModern(),
              listener.tls().devices().isEmpty()
                  ? null
                  : new DeviceAdmission(listener.tls().devices()),
              ListenerMail.of(
                  mail(listener), listener.mail() == null ? null : listener.mail().policy())));
    }
    return specs;
  }

  private InetSocketAddress address(String path, BindAddress bind) {
    InetSocketAddress address = new InetSocketAddress(bind.host(), bind.port());
    if (address.isUnresolved()) {
      problems.add(
          new ConfigProblem(
              path,
              "the name '" + bind.host() + "' has no address",
              "an address of this machine, such as 0.0.0.0:" + bind.port(),
              ""));
    }
    return address;
  }

  private AcceptMode accept(String path, ListenerConfig listener, Transport transport) {
    return switch (listener.access().accept()) {
      case HTTP_CONNECT -> new AcceptMode.HttpConnect();
      case SOCKS -> new AcceptMode.Socks(users(path, listener.access().users()));
      case TRANSPARENT -> new AcceptMode.Transparent(redirection(path, listener, transport));
      case FIXED -> new AcceptMode.Fixed(Objects.requireNonNull(listener.origin(), "origin"));
    };
  }

  private Redirection redirection(String path, ListenerConfig listener, Transport transport) {
    if (!transport.knowsRedirection()) {
      problems.add(
          new ConfigProblem(
              path + ".accept",
              "'transparent' needs epoll or io_uring on Linux; transport '"
                  + transport.label()
                  + "' cannot read the destination of redirected connections",
              "transport auto, epoll or io_uring, on Linux",
              ""));
    }
    return switch (Objects.requireNonNull(listener.access().transparent(), "transparent")) {
      case REDIRECT -> Redirection.redirect();
      case TPROXY -> Redirection.tproxy();
    };
  }

  private SocksUsers users(String path, List<ListenerConfig.User> users) {
    Map<String, String> passwords = new HashMap<>();
    for (int i = 0; i < users.size(); i++) {
      ListenerConfig.User user = users.get(i);
      try {
        passwords.put(user.name(), PasswordFile.socks(user.passwordFile()));
      } catch (OperatorException unusable) {
        problems.add(
            new ConfigProblem(
                path + ".users[" + i + "].passwordFile", unusable.getMessage(), "", ""));
      }
    }
    return new SocksUsers(passwords);
  }

  private static @Nullable MailService mail(ListenerConfig listener) {
    return switch (listener.service().protocol()) {
      case TLS -> null;
      case SMTP -> mail(MailProtocol.SMTP, listener);
      case IMAP -> mail(MailProtocol.IMAP, listener);
      case POP3 -> mail(MailProtocol.POP3, listener);
    };
  }

  private static MailService mail(MailProtocol protocol, ListenerConfig listener) {
    return new MailService(
        protocol,
        Objects.requireNonNull(listener.service().downstreamTls(), "downstreamTls"),
        Objects.requireNonNull(listener.service().upstreamTls(), "upstreamTls"),
        listener.service().allowPlaintext());
  }

  /** The TLS profile of a listener. */
  static TlsProfile profile(ListenerConfig listener) {
    return switch (listener.tls().profile()) {
      case MODERN -> TlsProfile.MODERN;
      case LEGACY -> LegacyTls.PROFILE;
      case ANTIQUE -> hasEcKey(listener) ? LegacyTls.ANTIQUE_ECDSA : LegacyTls.ANTIQUE;
    };
  }

  private static boolean hasEcKey(ListenerConfig listener) {
    ListenerCertificate certificate = listener.certificate().ownCa();
    return certificate != null && certificate.keyAlgorithm() == KeyAlgorithm.EC_P256;
  }

  private static Limits limits(LimitsConfig limits) {
    return new Limits(
        limits.maxSessions(),
        limits.maxSessionsPerDevice(),
        new DeviceNetworks(limits.ipv6Prefix()),
        new Limits.Handshakes(limits.handshakesPerSecond(), limits.handshakeBurst()),
        limits.negotiationTimeout(),
        limits.handshakeTimeout(),
        limits.idleTimeout());
  }
}
