package org.tlsuplift.proxy.model;

/** How a handshake with a device ended, in terms an operator can act on. */
public enum HandshakeOutcome implements Labelled {
  COMPLETED("nothing to do"),
  /** The device offers no version that the profile allows. */
  NO_SHARED_VERSION(
      "give the listener a profile that allows what the device offers, or update the device"),
  /** The device offers no cipher suite that the profile allows, or no group for it. */
  NO_SHARED_CIPHER(
      "give the listener a profile that allows what the device offers, or update the device"),
  /** The device does not trust our certificate. */
  CERTIFICATE_REJECTED(
      "install the CA certificate on the device ('tls-uplift ca export'), check its clock, and that it connects by a name the"
          + " certificate carries"),
  TIMEOUT("check the network path to the device and limits.handshakeTimeout"),
  NOT_TLS("switch TLS (SSL) on in the device, or point it at a listener of its protocol"),
  /** The device closed the connection without an alert. */
  CLOSED(
      "often a device that does not trust our CA and says nothing: install the CA certificate ('tls-uplift ca export')"),
  PROTOCOL_ERROR("capture the handshake and report it; the device breaks the TLS protocol"),
  /** The handshake was abandoned because the origin's side of the session failed. */
  ABANDONED("see the reason given for the origin");

  private final String remedy;

  HandshakeOutcome(String remedy) {
    this.remedy = remedy;
  }

  /** What an operator can do about it, in one line. */
  public String remedy() {
    return remedy;
  }
}
