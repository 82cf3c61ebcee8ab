package org.tlsuplift.server.config;

import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.model.Labelled;

/**
 * What the certificates of an antique listener look like, and the CA that is made for it alone.
 *
 * @param keyAlgorithm the key of both
 * @param signature the hash of the CA's signatures
 * @param names how many names a certificate carries
 * @param extensions which extensions both have
 */
public record ListenerCertificate(
    KeyAlgorithm keyAlgorithm, SignatureHash signature, Names names, Extensions extensions) {
  /** What holds for keys that are left out: the same as on other listeners. */
  public static final ListenerCertificate USUAL =
      new ListenerCertificate(
          KeyAlgorithm.RSA_2048, SignatureHash.SHA256, Names.ALL, Extensions.ALL);

  /** How many names a certificate carries. */
  public enum Names implements Labelled {
    /** All by which the device may know the origin or this machine. */
    ALL,
    /** The one that the device asks for. */
    ONE
  }
}
