package org.tlsuplift.proxy.ca;

/**
 * The origin of a CA, which decides what an operator can do about it, and how weak it may be.
 *
 * @param description with an article
 * @param remedy how to get another one, as the end of a sentence
 * @param mayBeWeak whether 1024-bit keys, SHA-1 and certificates of version 1 are allowed
 * @param option of the commands about it, with a space before; may be empty
 */
record Provenance(String description, String remedy, boolean mayBeWeak, String option) {
  static final Provenance LOCAL =
      new Provenance("a local certificate authority", staging(""), false, "");

  static final Provenance OPERATOR =
      new Provenance(
          "a certificate authority of the operator",
          "give a CA certificate that fits under certificateAuthority",
          false,
          "");

  /** Made by TLS Uplift for the devices of one listener, and a risk for them only. */
  static Provenance ofListener(String name) {
    String option = " --listener " + name;
    return new Provenance(
        "a certificate authority for the listener " + name + " alone",
        staging(option),
        true,
        option);
  }

  /** The same for a CA that does not sign: if it is broken, another command helps. */
  Provenance of(KeptCa.Role role) {
    String remedy =
        switch (role) {
          case STAGED -> "drop it with '" + command("undo") + "'";
          case PREVIOUS -> "erase it with '" + command("retire") + "'";
        };
    return new Provenance(description, remedy, mayBeWeak, option);
  }

  /** A command about it, such as {@code tls-uplift ca stage}. */
  String command(String verb) {
    return command(verb, option);
  }

  private static String staging(String option) {
    return "run '"
        + command("stage", option)
        + "', install the staged CA on the devices, and run '"
        + command("activate", option)
        + "'";
  }

  private static String command(String verb, String option) {
    return "tls-uplift ca " + verb + option;
  }
}
