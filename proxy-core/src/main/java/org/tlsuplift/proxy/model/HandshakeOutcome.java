package org.tlsuplift.proxy.model;

/** The result of a handshake with a device, in terms that an operator can act on. */
public enum HandshakeOutcome implements Labelled {
  COMPLETED("nothing to do"),
  /** The device offers no version that the profile allows. */
  NO_SHARED_VERSION("update the device, or use a listener whose profile allows what it offers"),
  /** The device offers no cipher suite, or no group for it, that the profile allows. */
  NO_SHARED_CIPHER("update the device, or use a listener whose profile allows what it offers"),
  /** The device does not trust the proxy's certificate. */
  CERTIFICATE_REJECTED("install the CA on the device: 'tls-uplift ca export'"),
  TIMEOUT("check the network path to the device, or raise limits.handshakeTimeout"),
  NOT_TLS("switch TLS (SSL) on in the device, or point it at a listener of its protocol"),
  /** The device closed the connection without an alert. */
  CLOSED("if it repeats, install the CA on the device: 'tls-uplift ca export'"),
  PROTOCOL_ERROR("update the device, or capture the handshake and report it"),
  /** The handshake was abandoned because the origin's side of the session failed. */
  ABANDONED("see the reason given for the origin");

  private final String remedy;

  HandshakeOutcome(String remedy) {
    this.remedy = remedy;
  }

  /** The remedy for the operator, in one line. */
  public String remedy() {
    return remedy;
  }
}
