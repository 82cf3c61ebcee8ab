package org.tlsuplift.proxy.outcome;

import org.jspecify.annotations.Nullable;

/** The result of a handshake with a device, in terms that an operator can act on. */
public enum HandshakeOutcome implements Outcome {
  COMPLETED(Side.NONE, "TLS handshake completed", "nothing to do"),
  NO_SHARED_VERSION(
      Side.DEVICE,
      "Offers no TLS version that the listener allows",
      "update the device, or use a listener whose profile allows what it offers"),
  /** The device offers no cipher suite, or no group for it, that the profile allows. */
  NO_SHARED_CIPHER(
      Side.DEVICE,
      "Offers no cipher suite that the listener allows",
      "update the device, or use a listener whose profile allows what it offers"),
  CERTIFICATE_REJECTED(
      Side.DEVICE_TRUST,
      "Does not trust the CA",
      "install the CA on the device: 'tls-uplift ca export'",
      Alert.DEVICE_DOES_NOT_TRUST_CA),
  TIMEOUT(
      Side.DEVICE,
      "TLS handshake takes too long",
      "check the network path to the device, or raise limits.handshakeTimeout"),
  NOT_TLS(
      Side.DEVICE,
      "Does not start TLS",
      "switch TLS (SSL) on in the device, or point it at a listener of its protocol"),
  /** The device closed the connection without an alert. */
  CLOSED(
      Side.DEVICE_TRUST,
      "Leaves during the TLS handshake",
      "if it repeats, install the CA on the device: 'tls-uplift ca export'"),
  PROTOCOL_ERROR(
      Side.DEVICE,
      "Breaks the TLS protocol",
      "update the device, or capture the handshake and report it"),
  /** The handshake was abandoned because the origin's side of the session failed. */
  ABANDONED(
      Side.ORIGIN, "Origin failed during the TLS handshake", "see the reason given for the origin");

  @SuppressWarnings("ImmutableEnumChecker") // a record of texts and enums
  private final Facts facts;

  HandshakeOutcome(Side side, String title, String remedy) {
    this(side, title, remedy, null);
  }

  HandshakeOutcome(Side side, String title, String remedy, @Nullable Alert alert) {
    facts = new Facts(side, Level.WARN, title, remedy, "", alert);
  }

  @Override
  public Facts facts() {
    return facts;
  }
}
