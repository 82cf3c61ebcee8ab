package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.route.ServerNameRule;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.tls.TlsProfile;

/**
 * The settings of a listener.
 *
 * @param name the name in configuration, metrics and log
 * @param bind the addresses to listen on, at least one; with port 0 the kernel chooses a free port
 * @param reusePort whether another process of the same user may share the ports (SO_REUSEPORT)
 * @param proxyProtocol the load balancers that send a PROXY header, or null if devices connect
 *     directly
 * @param accept the way in which devices send their target
 * @param profile the TLS profile for devices
 * @param serverNames further names for the certificate, by which devices reach this listener
 * @param serverNameMismatch the reaction to a ClientHello that names neither the target nor one of
 *     these names
 * @param whenModern the action for modern devices, or null if the route decides
 * @param devices the allowed subnets, which must also be in {@code devices.allow}; null for no
 *     further limit
 * @param mail what the listener does with mail
 */
public record ListenerSpec(
    String name,
    List<InetSocketAddress> bind,
    boolean reusePort,
    @Nullable ProxyProtocolSpec proxyProtocol,
    AcceptMode accept,
    TlsProfile profile,
    List<String> serverNames,
    ServerNameMismatch serverNameMismatch,
    @Nullable WhenModern whenModern,
    @Nullable DeviceAdmission devices,
    ListenerMail mail) {
  /**
   * Creates the settings.
   *
   * @throws IllegalArgumentException if redirected devices are to have a PROXY header, or sign-in
   *     is set without mail or without a fixed origin
   */
  public ListenerSpec {
    bind = List.copyOf(bind);
    serverNames = List.copyOf(serverNames);
    if (proxyProtocol != null && accept instanceof AcceptMode.Transparent) {
      throw new IllegalArgumentException(
          "got proxyProtocol on a listener for redirected devices; expected a listener to which"
              + " devices connect directly");
    }
    mail.check(accept instanceof AcceptMode.Fixed);
  }

  public ListenerSpec with(ListenerMail other) {
    return new ListenerSpec(
        name,
        bind,
        reusePort,
        proxyProtocol,
        accept,
        profile,
        serverNames,
        serverNameMismatch,
        whenModern,
        devices,
        other);
  }

  /** The mail settings for a target, or null for other protocols. */
  public @Nullable MailService mailAt(HostPort destination) {
    return accept instanceof AcceptMode.Fixed
        ? mail.service()
        : MailService.ofPort(destination.port()).orElse(null);
  }

  /** The rule for the names that a ClientHello may contain on this listener. */
  public ServerNameRule nameRule() {
    return new ServerNameRule(
        serverNames, !(accept instanceof AcceptMode.Fixed), serverNameMismatch);
  }

  /** Whether the sockets must accept connections to addresses of other machines (TPROXY). */
  public boolean needsTransparentSocket() {
    return accept instanceof AcceptMode.Transparent transparent
        && transparent.redirection().needsTransparentSocket();
  }

  public boolean serves(InetAddress device) {
    return devices == null || devices.admits(device);
  }
}
