package org.tlsuplift.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;

/**
 * Who signs the certificates shown to devices: a CA made here, or the operator's own.
 *
 * @param keyAlgorithm of a CA made here
 * @param signature the hash of its signatures
 * @param nameConstraints whether a CA made here is confined to the names of the routes
 * @param certificate the operator's CA in PEM, or null
 * @param key its key in PEM, or null
 * @param pkcs12 both in one file, or null
 * @param passwordFile the password of key or file, or null
 */
public record CertificateAuthorityConfig(
    KeyAlgorithm keyAlgorithm,
    SignatureHash signature,
    boolean nameConstraints,
    @Nullable Path certificate,
    @Nullable Path key,
    @Nullable Path pkcs12,
    @Nullable Path passwordFile) {
  /** Where the operator's CA is; without a path when it is made here. */
  public KeyFiles keyFiles() {
    return new KeyFiles(certificate, key, pkcs12, passwordFile);
  }
}
