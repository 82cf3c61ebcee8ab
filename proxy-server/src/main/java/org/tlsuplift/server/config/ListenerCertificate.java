package org.tlsuplift.server.config;

import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Key.Refused;

/**
 * The form of the certificates and the CA of an antique listener. By default they are as on other
 * listeners.
 *
 * @param names in a certificate
 * @param extensions of the CA and its certificates
 */
public record ListenerCertificate(
    @Key(
            fallback = "RSA-2048",
            words = {"RSA-1024", "RSA-2048", "EC-P256"},
            refused =
                @Refused(
                    words = {"RSA-512", "RSA-768"},
                    why = "such keys can be computed within hours; use RSA-1024"))
        KeyAlgorithm keyAlgorithm,
    @Key(
            fallback = "SHA256",
            words = {"SHA1", "SHA256"},
            refused =
                @Refused(
                    words = "MD5",
                    why =
                        "MD5 signatures can be forged within minutes; use SHA1, which these devices support too"))
        SignatureHash signature,
    @Key(fallback = "all") Names names,
    @Key(fallback = "all") Extensions extensions) {
  /** The names in a certificate. */
  public enum Names implements Labelled {
    /** All names of the origin and of this machine. */
    ALL,
    /** The name that the device requests. */
    ONE
  }
}
