package org.tlsuplift.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files of a private key and its certificates.
 *
 * @param certificate in PEM, with intermediates, or null
 * @param key in PEM, or null
 * @param pkcs12 both in one file, or null
 * @param passwordFile the password of key or file, or null
 */
public record KeyFiles(
    @Nullable Path certificate,
    @Nullable Path key,
    @Nullable Path pkcs12,
    @Nullable Path passwordFile) {}
