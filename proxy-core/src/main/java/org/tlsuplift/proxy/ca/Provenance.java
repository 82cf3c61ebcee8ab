package org.tlsuplift.proxy.ca;

/**
 * The origin of a CA, which determines the remedy for the operator, and how weak the CA may be.
 *
 * @param description with an article
 * @param remedy the way to get another CA, as the end of a sentence
 * @param selfSigned whether TLS Uplift made the CA, which is always a root
 * @param mayBeWeak whether 1024-bit keys, SHA-1 and certificates of version 1 are allowed
 * @param option the option of the commands about it, with a space before; may be empty
 */
public record Provenance(
    String description, String remedy, boolean selfSigned, boolean mayBeWeak, String option) {
  /** The CA that TLS Uplift made for all devices. */
  public static final Provenance LOCAL =
      new Provenance("a local certificate authority", staging(""), true, false, "");

  /** A CA from files of the operator. */
  public static final Provenance OPERATOR =
      new Provenance(
          "a certificate authority of the operator",
          "give a CA certificate that fits under certificateAuthority",
          false,
          false,
          "");

  /**
   * A CA that TLS Uplift made for the devices of one listener, and that is a risk only for them.
   */
  public static Provenance ofListener(String name) {
    String option = " --listener " + name;
    return new Provenance(
        "a certificate authority for the listener " + name + " alone",
        staging(option),
        true,
        true,
        option);
  }

  /** This provenance with another remedy, for a CA that does not sign. */
  public Provenance withRemedy(String other) {
    return new Provenance(description, other, selfSigned, mayBeWeak, option);
  }

  /** A command about this CA, such as {@code tls-uplift ca stage}. */
  public String command(String verb) {
    return command(verb, option);
  }

  private static String staging(String option) {
    return "run '%s', install the staged CA on the devices, and run '%s'"
        .formatted(command("stage", option), command("activate", option));
  }

  private static String command(String verb, String option) {
    return "tls-uplift ca " + verb + option;
  }
}
