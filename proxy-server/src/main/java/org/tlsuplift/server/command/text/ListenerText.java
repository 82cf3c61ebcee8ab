package org.tlsuplift.server.command.text;

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
            listener.access().accept().label()
                + (listener.origin() == null ? "" : " to " + listener.origin()),
            users(listener.access().users()),
            ConfigText.commas(listener.bind()) + (listener.reusePort() ? " (shared)" : ""),
            listener.proxyProtocol() == null
                ? ""
                : " with PROXY headers from " + ConfigText.commas(listener.proxyProtocol().from()),
            mail(mail),
            listener.signIn() ? ", devices sign in here" : "",
            listener.mail() == null ? "" : ", rules for messages",
            listener.tls().profile().label(),
            listener.tls().until() == null
                ? ""
                : " until "
                    + listener.tls().until()
                    + " for "
                    + ConfigText.commas(listener.tls().devices())
                    + certificate(listener.certificate().ownCa()),
            listener.certificate().files() == null ? "" : ", with its own certificate",
            listener.certificate().serverNames().isEmpty()
                ? ""
                : ", also known as " + String.join(", ", listener.certificate().serverNames()),
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
