package org.tlsuplift.server.signin.token;

import java.util.Locale;

/** Under which name a mailbox's tokens are kept. */
final class StoredNames {
  private StoredNames() {}

  static String of(String mailbox) {
    return mailbox.toLowerCase(Locale.ROOT);
  }
}
