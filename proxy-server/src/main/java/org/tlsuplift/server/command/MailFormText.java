package org.tlsuplift.server.command;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;

/** Says in a few words what mail a listener speaks, the same wherever listeners are told. */
final class MailFormText {
  private MailFormText() {}

  /** Words that go behind an address and begin with a comma; empty where no mail is spoken. */
  static String of(@Nullable MailService mail) {
    return mail == null
        ? ""
        : ", %s (device: %s%s; origin: %s)"
            .formatted(
                mail.protocol().label(),
                word(mail.deviceTls()),
                mail.allowPlaintext() ? " or plaintext" : "",
                word(mail.originTls()));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
