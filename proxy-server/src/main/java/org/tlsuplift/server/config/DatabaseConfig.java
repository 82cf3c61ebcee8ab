package org.tlsuplift.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL database that several instances share.
 *
 * @param url a JDBC URL without a password
 * @param user null for the user in the URL or the server's default
 * @param passwordFile null for none
 * @param keyFile encrypts the tokens of users in it; null if they stay in the data directory
 */
public record DatabaseConfig(
    String url, @Nullable String user, @Nullable Path passwordFile, @Nullable Path keyFile) {}
