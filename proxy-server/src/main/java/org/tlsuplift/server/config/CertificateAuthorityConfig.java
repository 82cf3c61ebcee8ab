package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;

/**
 * The CA that signs the certificates for devices: created by the daemon, or the operator's own.
 *
 * @param keyAlgorithm of a created CA
 * @param leafKeys of the certificates for devices: RSA-2048, and also EC-P256 for those that
 *     support it
 * @param nameConstraints whether a created CA is limited to the names of the routes
 * @param certificate the operator's CA in PEM, or null
 * @param key its key in PEM, or null
 * @param pkcs12 both in one file, or null
 * @param passwordFile the password of key or file, or null
 */
public record CertificateAuthorityConfig(
    KeyAlgorithm keyAlgorithm,
    SignatureHash signature,
    List<KeyAlgorithm> leafKeys,
    boolean nameConstraints,
    @Nullable Path certificate,
    @Nullable Path key,
    @Nullable Path pkcs12,
    @Nullable Path passwordFile) {
  /** The operator's files; all null for a created CA. */
  public KeyFiles keyFiles() {
    return new KeyFiles(certificate, key, pkcs12, passwordFile);
  }
}
