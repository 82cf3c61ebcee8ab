package org.tlsuplift.server.command.console;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.server.config.ListenerCertificate;
import org.tlsuplift.server.config.ListenerConfig;

/** A listener as one line for a terminal. */
public final class ListenerText {
  private ListenerText() {}

  public static String of(ListenerConfig listener, @Nullable MailService mail) {
    return "listener %s: %s%s on %s%s%s%s%s, profile %s%s%s%s%s"
        .formatted(
            listener.name(),
            listener.accept().label()
                + (listener.origin() == null ? "" : " to " + listener.origin()),
            users(listener.users()),
            ConfigText.commas(listener.bind()) + (listener.reusePort() ? " (shared)" : ""),
            listener.proxyProtocol() == null
                ? ""
                : " with PROXY headers from " + ConfigText.commas(listener.proxyProtocol().from()),
            mail(mail),
            listener.signIn() ? ", devices sign in here" : "",
            listener.mail() == null ? "" : ", rules for messages",
            listener.profile().label(),
            listener.until() == null
                ? ""
                : " until "
                    + listener.until()
                    + " for "
                    + ConfigText.commas(listener.devices())
                    + certificate(listener.certificate()),
            listener.certificateFiles() == null ? "" : ", with its own certificate",
            listener.serverNames().isEmpty()
                ? ""
                : ", also known as " + String.join(", ", listener.serverNames()),
            listener.whenModern() == null
                ? ""
                : ", modern devices: " + listener.whenModern().label());
  }

  /** The mail protocol; begins with a comma, and is empty for other protocols. */
  public static String mail(@Nullable MailService mail) {
    return mail == null
        ? ""
        : ", %s (device: %s%s; origin: %s)"
            .formatted(
                mail.protocol().label(),
                mail.deviceTls().label(),
                mail.allowPlaintext() ? " or plaintext" : "",
                mail.originTls().label());
  }

  private static String certificate(@Nullable ListenerCertificate certificate) {
    return certificate == null
        ? ""
        : " with its own certificates (%s, %s, names: %s, extensions: %s)"
            .formatted(
                certificate.keyAlgorithm(),
                certificate.signature(),
                certificate.names().label(),
                certificate.extensions().label());
  }

  private static String users(List<ListenerConfig.User> users) {
    return users.isEmpty()
        ? ""
        : users.stream()
            .map(ListenerConfig.User::name)
            .collect(Collectors.joining(", ", " for ", ""));
  }
}
