package org.tlsuplift.proxy.tls.hello;

import java.util.Locale;
import java.util.Map;

/** The names of key exchange groups in the IANA registry "TLS Supported Groups". */
final class NamedGroups {
  private static final Map<Integer, String> NAMES =
      Map.of(
          23, "secp256r1",
          24, "secp384r1",
          25, "secp521r1",
          29, "x25519",
          30, "x448",
          4587, "SecP256r1MLKEM768",
          4588, "X25519MLKEM768",
          4589, "SecP384r1MLKEM1024");

  private NamedGroups() {}

  /** The name of a group, or its number in the form {@code 0x0100} if it is unknown. */
  static String nameOf(int number) {
    String name = NAMES.get(number);
    return name == null ? String.format(Locale.ROOT, "0x%04X", number) : name;
  }
}
