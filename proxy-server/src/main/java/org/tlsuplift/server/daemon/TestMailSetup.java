package org.tlsuplift.server.daemon;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.secret.IdentityContent;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.doctor.TestMail;

/** Finds out how a device reaches a listener of the running daemon, for a test message. */
public final class TestMailSetup {
  private TestMailSetup() {}

  /**
   * The sender: the mailbox of the account, or the first address that the listener allows; null if
   * there is none.
   */
  public static @Nullable String sender(
      ListenerConfig listener, SignInConfig.@Nullable Account account) {
    if (account != null) {
      return account.mailbox();
    }
    return listener.mail() == null
        ? null
        : listener.mail().allowedSenders().stream()
            .filter(allowed -> allowed.indexOf('@') > 0)
            .findFirst()
            .orElse(null);
  }

  /**
   * Why an account refuses a test message although its password is right, with the remedy; empty if
   * it admits this machine.
   *
   * @param from the address from which the message was sent
   */
  public static Optional<String> notAdmitted(
      SignInConfig.@Nullable Account account, InetAddress from) {
    return account == null
            || account.devices().isEmpty()
            || account.devices().stream().anyMatch(block -> block.contains(from))
        ? Optional.empty()
        : Optional.of(
            "the test message comes from %s, and the account is limited to %s: add this address to the account's networks for the test, or send a message from a device"
                .formatted(
                    from.getHostAddress(),
                    ShortText.list(
                        account.devices().stream().map(Cidr::toString).toList(), ", ", 3)));
  }

  /**
   * The listener as a device on this machine sees it. Blocks on the disk.
   *
   * @throws OperatorException if no device of this machine can send a message through it
   */
  public static TestMail.Listener through(ServerConfig config, ListenerConfig listener)
      throws OperatorException {
    BindAddress bind = listener.bind().get(0);
    if (bind.port() == 0) {
      throw new OperatorException(
          "listener "
              + listener.name()
              + ": bind has port 0, so the port is unknown; set a fixed port");
    }
    if (listener.proxyProtocol() != null) {
      throw new OperatorException(
          "listener %s expects a PROXY header, which no device sends; send a message through the load balancer instead"
              .formatted(listener.name()));
    }
    InetAddress host =
        bind.isEveryAddress()
            ? InetAddress.getLoopbackAddress()
            : new InetSocketAddress(bind.host(), bind.port()).getAddress();
    return new TestMail.Listener(
        new InetSocketAddress(host, bind.port()),
        listener.service().downstreamTls() == MailService.DeviceTls.IMPLICIT,
        listener.tls().profile() == ListenerConfig.Profile.MODERN,
        listener.certificate().serverNames().stream()
            .findFirst()
            .orElseGet(() -> Objects.requireNonNull(listener.origin(), "origin").host()),
        trusted(config, listener));
  }

  /** The CA of the listener, and the operator's certificate if the listener has one. */
  private static List<X509Certificate> trusted(ServerConfig config, ListenerConfig listener)
      throws OperatorException {
    List<X509Certificate> trusted = new ArrayList<>();
    KeyFiles files = listener.certificate().files();
    if (files != null) {
      trusted.add(IdentityContent.read(files).identity().chain().get(0));
    }
    Optional<CaSource> own =
        CaSource.ofListeners(config).stream()
            .filter(each -> each.listener().equals(listener.name()))
            .map(CaSource.class::cast)
            .findFirst();
    own.orElseGet(() -> CaSource.common(config))
        .find()
        .ifPresent(found -> trusted.add(found.anchor()));
    if (trusted.isEmpty()) {
      throw new OperatorException(
          "there is no CA in dataDirectory; start the daemon with this configuration first");
    }
    return trusted;
  }
}
