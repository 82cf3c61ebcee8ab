package org.tlsuplift.server.it.device;

/** What is special about a device's offer beside version and suites, as the table says it. */
public enum Trait {
  NO_SNI("without SNI"),
  /** The hello ends with the compression methods, as before RFC 3546. */
  NO_EXTENSIONS("without extensions"),
  /** The hello comes in a record of SSL 2.0. */
  SSL2_HELLO("in a hello of SSL 2.0"),
  /** The device says that it could do better (RFC 7507). */
  FALLBACK("TLS_FALLBACK_SCSV"),
  /** In TLS 1.2 it knows no better signatures. */
  SHA1_SIGNATURES("signatures with SHA-1 only"),
  /** It has no room for larger records than this (RFC 6066). */
  SMALL_RECORDS("max_fragment_length 512"),
  /** The first byte of what it writes has a record of its own, against BEAST. */
  SPLITS_RECORDS("1/n-1 records"),
  /** An empty record before each that it writes, against BEAST. */
  EMPTY_RECORDS("empty records first"),
  /** What it writes comes in records of one byte. */
  BYTE_RECORDS("request in records of 1 byte"),
  /** Its hello comes in records of one byte. */
  HELLO_IN_RECORDS("hello in records of 1 byte"),
  /** What it sends comes in TCP segments of one byte. */
  BYTE_SEGMENTS("TCP segments of 1 byte");

  private final String text;

  Trait(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }
}
