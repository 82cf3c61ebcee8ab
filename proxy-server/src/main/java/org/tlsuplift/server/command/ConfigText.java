package org.tlsuplift.server.command;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.UpstreamProxySetting;
import org.tlsuplift.server.config.accounts.AccountsFile;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.daemon.TokenSource;

/** The parts of a configuration as text for a terminal. */
final class ConfigText {
  private ConfigText() {}

  /** How connections to origins leave. */
  static String of(ServerConfig.Upstream upstream) {
    String from =
        upstream.sourceAddress().stream()
            .map(InetAddress::getHostAddress)
            .collect(Collectors.joining(" and "));
    return (upstream.via() instanceof UpstreamProxySetting.Direct ? "" : text(upstream.via()))
        + (upstream.sendProxyHeader() ? text(true) : "")
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

  private static String text(@Nullable Boolean proxyHeader) {
    if (proxyHeader == null) {
      return "";
    }
    return proxyHeader ? ", with a PROXY header (v2)" : ", without a PROXY header";
  }

  /** What mail a listener speaks; begins with a comma, and is empty where it speaks none. */
  static String of(@Nullable MailService mail) {
    return mail == null
        ? ""
        : ", %s (device: %s%s; origin: %s)"
            .formatted(
                mail.protocol().label(),
                mail.deviceTls().label(),
                mail.allowPlaintext() ? " or plaintext" : "",
                mail.originTls().label());
  }

  /** How devices are signed in, in lines; none where devices sign in themselves. */
  static List<String> signIn(ServerConfig config) throws InvalidConfigException {
    SignInConfig signIn = config.signIn();
    if (signIn == null) {
      return List.of();
    }
    List<SignInConfig.Account> accounts = AccountsFile.all(signIn);
    List<String> lines = new ArrayList<>();
    lines.add(
        "  sign-in: %d accounts for %d mailboxes, application %s at %s, %s"
            .formatted(
                accounts.size(),
                accounts.stream().map(SignInConfig.Account::mailbox).distinct().count(),
                signIn.applicationId(),
                signIn.tenantAuthority(),
                proof(signIn)));
    TokenSource tokens = new TokenSource(config, signIn);
    accounts.stream()
        .map(SignInConfig.Account::mailbox)
        .distinct()
        .filter(tokens::awaitsSomebody)
        .forEach(
            mailbox ->
                lines.add(
                    "warning: nobody has signed in for "
                        + mailbox
                        + " yet; run: tls-uplift accounts sign-in "
                        + mailbox));
    return lines;
  }

  static String commas(List<?> all) {
    return all.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static String proof(SignInConfig signIn) {
    if (signIn.flow() == SignInConfig.Flow.DEVICE_CODE) {
      return "by device code";
    }
    return signIn.certificate() == null ? "by its secret" : "by its certificate";
  }

  /** How the admin port is protected. */
  static String of(AdminConfig admin) {
    return (admin.tls() == null ? "http" : "https")
        + "://"
        + admin.bind()
        + "/metrics, "
        + certificate(admin)
        + who(admin)
        + (admin.serverNames().isEmpty()
            ? ""
            : "; known as " + String.join(", ", admin.serverNames()));
  }

  private static String certificate(AdminConfig admin) {
    if (admin.tls() instanceof AdminConfig.Tls.Files files) {
      KeyFiles keyFiles = files.keyFiles();
      return "TLS 1.2 and 1.3 with the certificate in "
          + (keyFiles.certificate() == null ? keyFiles.pkcs12() : keyFiles.certificate())
          + ", ";
    } else if (admin.tls() instanceof AdminConfig.Tls.Auto) {
      return "TLS 1.2 and 1.3 with a certificate of our CA, ";
    } else if (admin.tls() == null) {
      return "";
    }
    throw new UnhandledVariantException(admin.tls());
  }

  private static String who(AdminConfig admin) {
    List<String> names = new ArrayList<>();
    admin.users().forEach(user -> names.add(user.name()));
    admin.tokens().forEach(token -> names.add(token.name() + " (token)"));
    return names.isEmpty()
        ? "for everybody on this machine"
        : "for "
            + String.join(", ", names)
            + (admin.openMetrics() ? "; metrics for everybody" : "");
  }
}
