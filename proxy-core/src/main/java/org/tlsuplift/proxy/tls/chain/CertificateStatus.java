package org.tlsuplift.proxy.tls.chain;

import java.time.Instant;

/** What an issuer says about the revocation of a certificate. */
public sealed interface CertificateStatus {
  /**
   * It was not revoked.
   *
   * @param until when the issuer will have said something newer
   */
  record Good(Instant until) implements CertificateStatus {}

  /**
   * It was revoked.
   *
   * @param detail when and why, for the operator
   */
  record Revoked(String detail) implements CertificateStatus {}

  /**
   * That is not known.
   *
   * @param why for the operator
   */
  record Unknown(String why) implements CertificateStatus {}
}
