package org.tlsuplift.server.config;

import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.model.Labelled;

/**
 * The form of the certificates and the CA of an antique listener.
 *
 * @param names in a certificate
 * @param extensions of the CA and its certificates
 */
public record ListenerCertificate(
    KeyAlgorithm keyAlgorithm, SignatureHash signature, Names names, Extensions extensions) {
  /** The defaults: as on other listeners. */
  public static final ListenerCertificate USUAL =
      new ListenerCertificate(
          KeyAlgorithm.RSA_2048, SignatureHash.SHA256, Names.ALL, Extensions.ALL);

  /** The names in a certificate. */
  public enum Names implements Labelled {
    /** All names of the origin and of this machine. */
    ALL,
    /** The name that the device requests. */
    ONE
  }
}
