package org.tlsuplift.proxy.ca;

/**
 * The origin of a CA, which decides what an operator can do about it, and how weak it may be.
 *
 * @param description with an article
 * @param remedy how to get another one, as the end of a sentence
 * @param mayBeWeak whether 1024-bit keys, SHA-1 and certificates of version 1 are allowed
 */
record Provenance(String description, String remedy, boolean mayBeWeak) {
  static final Provenance LOCAL =
      new Provenance(
          "a local certificate authority",
          "run `tls-uplift ca rotate` and install the new certificate on the devices",
          false);

  static final Provenance OPERATOR =
      new Provenance(
          "a certificate authority of the operator",
          "give a CA certificate that fits under certificateAuthority",
          false);

  /** Made by TLS Uplift for the devices of one listener, and a risk for them only. */
  static Provenance ofListener(String name) {
    return new Provenance(
        "a certificate authority for the listener " + name + " alone",
        "run `tls-uplift ca rotate --listener "
            + name
            + "` and install the new certificate on the devices of this listener",
        true);
  }
}
