package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.route.ServerNameRule;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.tls.TlsProfile;

/**
 * One way for devices to come in, on one port or on several.
 *
 * @param name as the configuration, the metrics and the log say it
 * @param bind where to listen, at least one address; port 0 takes a free one
 * @param reusePort whether another process of the same user may listen there too (SO_REUSEPORT)
 * @param proxyProtocol who tells by a PROXY header which device connects, or null where devices
 *     connect themselves
 * @param accept how devices say where they want to go
 * @param mail the mail that is spoken with a fixed origin, or null for plain TLS; where devices
 *     name their destination, its port tells
 * @param profile what is agreed to with devices
 * @param serverNames further names for the certificate, by which devices know this listener
 * @param serverNameMismatch what becomes of devices whose ClientHello names neither the host that
 *     they go to nor one of these names
 * @param whenModern what to do with modern devices, or null to leave it to the route
 * @param devices where its devices may come from, of those that are admitted at all; null for all
 * @param signIn signs its devices in at the origin, or null where they sign in themselves; of mail
 *     with a fixed origin only, and under TLS only unless the mail may be in plaintext
 */
public record ListenerSpec(
    String name,
    List<InetSocketAddress> bind,
    boolean reusePort,
    @Nullable ProxyProtocolSpec proxyProtocol,
    AcceptMode accept,
    @Nullable MailService mail,
    TlsProfile profile,
    List<String> serverNames,
    ServerNameMismatch serverNameMismatch,
    @Nullable WhenModern whenModern,
    @Nullable DeviceAdmission devices,
    @Nullable SignIn signIn) {
  /**
   * Copies the lists, refuses redirected devices that would come through a load balancer, and
   * sign-in without mail.
   */
  public ListenerSpec {
    bind = List.copyOf(bind);
    serverNames = List.copyOf(serverNames);
    if (proxyProtocol != null && accept instanceof AcceptMode.Transparent) {
      throw new IllegalArgumentException(
          "whoever sends PROXY headers was not redirected, but connects to this proxy");
    }
    if (signIn != null && (mail == null || !(accept instanceof AcceptMode.Fixed))) {
      throw new IllegalArgumentException("devices are signed in to mail with a fixed origin only");
    }
  }

  /** The same, which signs its devices in. */
  public ListenerSpec signingIn(SignIn by) {
    return new ListenerSpec(
        name,
        bind,
        reusePort,
        proxyProtocol,
        accept,
        mail,
        profile,
        serverNames,
        serverNameMismatch,
        whenModern,
        devices,
        by);
  }

  /** The mail that is spoken with a destination of its devices, or null for plain TLS. */
  public @Nullable MailService mailAt(HostPort destination) {
    return accept instanceof AcceptMode.Fixed
        ? mail
        : MailService.ofPort(destination.port()).orElse(null);
  }

  /** What the name in a ClientHello may be here. */
  public ServerNameRule nameRule() {
    return new ServerNameRule(
        serverNames, !(accept instanceof AcceptMode.Fixed), serverNameMismatch);
  }

  /** Whether its sockets must take connections for addresses that are not this machine's. */
  public boolean needsTransparentSocket() {
    return accept instanceof AcceptMode.Transparent transparent
        && transparent.redirection().needsTransparentSocket();
  }

  public boolean serves(InetAddress device) {
    return devices == null || devices.admits(device);
  }
}
