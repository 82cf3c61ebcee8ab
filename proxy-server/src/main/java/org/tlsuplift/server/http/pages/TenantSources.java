package org.tlsuplift.server.http.pages;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the pages need to connect a tenant.
 *
 * @param data the data directory, which gets the certificate
 * @param configuration the file in use; empty for the built-in default
 * @param check checks the steps of the set-up
 * @param hurry lets a check that waits go on at once
 * @param steps those of the latest check; outlive a reload
 */
public record TenantSources(
    Path data, Optional<Path> configuration, Check check, Runnable hurry, Steps steps) {
  /** Checks the steps of the set-up, with the configuration in use. */
  public interface Check {
    /**
     * Prepares a check, which continues while Microsoft's servers may not know a change yet.
     *
     * @param mailbox empty for those of all accounts
     * @throws IllegalArgumentException if nothing can be checked, with the reason
     */
    Steps.Work of(Optional<String> mailbox) throws Exception;
  }
}
