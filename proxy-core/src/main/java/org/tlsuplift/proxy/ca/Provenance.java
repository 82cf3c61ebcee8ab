package org.tlsuplift.proxy.ca;

/** Where a CA came from, which decides what an operator can do about it. */
enum Provenance {
  /** Made by TLS Uplift. */
  LOCAL("run `tls-uplift ca rotate` and install the new certificate on the devices"),
  /** Given by the operator. */
  OPERATOR("give a CA certificate that fits under certificateAuthority");

  private final String remedy;

  Provenance(String remedy) {
    this.remedy = remedy;
  }

  /** How to get another CA, as the end of a sentence. */
  String remedy() {
    return remedy;
  }
}
