package org.tlsuplift.server.http.pages;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the pages need to connect a tenant.
 *
 * @param data the data directory, which gets the certificate
 * @param configuration the file in use; empty for the built-in default
 * @param check checks the steps of the set-up
 * @param hurry lets a check that waits go on at once
 * @param steps those of the latest check; outlive a reload
 * @param state whether a tenant is connected
 */
public record TenantSources(
    Path data,
    Optional<Path> configuration,
    Check check,
    Runnable hurry,
    Steps steps,
    Supplier<State> state) {
  /**
   * The tenants of the configuration, and what the daily check found.
   *
   * @param tenants empty if none is connected
   * @param answers of the form, for the first one
   * @param pending whether the ID of an application is missing
   * @param checked the time of the latest daily check; null for none
   * @param result of that check, or why there is none
   * @param lost the access that was taken away; empty for none
   * @param remedy for it
   */
  public record State(
      List<String> tenants,
      Map<String, String> answers,
      boolean pending,
      @Nullable Instant checked,
      String result,
      String lost,
      String remedy) {
    public static final State NONE = new State(List.of(), Map.of(), false, null, "", "", "");
  }

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
