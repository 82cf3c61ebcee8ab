package org.tlsuplift.proxy.model;

/** The result of a handshake with a device, in terms that an operator can act on. */
public enum HandshakeOutcome implements Labelled {
  COMPLETED("nothing to do"),
  /** The device offers no version that the profile allows. */
  NO_SHARED_VERSION(
      "set a profile on the listener that allows the device's offer, or update the device"),
  /** The device offers no cipher suite, or no group for it, that the profile allows. */
  NO_SHARED_CIPHER(
      "set a profile on the listener that allows the device's offer, or update the device"),
  /** The device does not trust our certificate. */
  CERTIFICATE_REJECTED(
      "install the CA certificate on the device ('tls-uplift ca export'); check the device's clock, and that it connects to a name"
          + " in the certificate"),
  TIMEOUT("check the network path to the device and limits.handshakeTimeout"),
  NOT_TLS("enable TLS (SSL) in the device, or use a listener for its protocol"),
  /** The device closed the connection without an alert. */
  CLOSED(
      "the device probably does not trust the CA and closes without an alert: install the CA certificate ('tls-uplift ca export')"),
  PROTOCOL_ERROR("the device breaks the TLS protocol: capture the handshake and report it"),
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
