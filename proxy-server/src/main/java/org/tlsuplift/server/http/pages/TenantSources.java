package org.tlsuplift.server.http.pages;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.console.PageText;

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
   * @param passed whether each mailbox passed that check; null if none was checked
   * @param lost the access that was taken away; empty for none
   * @param remedy for it
   */
  public record State(
      List<String> tenants,
      Map<String, String> answers,
      boolean pending,
      @Nullable Instant checked,
      String result,
      @Nullable Boolean passed,
      String lost,
      String remedy) {
    public static final State NONE = new State(List.of(), Map.of(), false, null, "", null, "", "");
  }

  /**
   * What is proven.
   *
   * @param style of the notice
   * @param next the label of the link to the check
   */
  record Headline(String style, String title, String next) {}

  /** Follows the latest check, of a person or the daily one: written IDs prove nothing. */
  Headline headline(State now) {
    Steps.Run run =
        steps
            .latest()
            .filter(
                each ->
                    each.running()
                        ? !each.failure().isEmpty()
                        : now.checked() == null || now.checked().isBefore(each.ended()))
            .orElse(null);
    Instant at = run == null ? now.checked() : run.running() ? run.began() : run.ended();
    String time = at == null ? "" : " at " + PageText.minute(at) + " UTC";
    boolean failed = run == null ? Boolean.FALSE.equals(now.passed()) : !run.failure().isEmpty();
    if (now.pending()) {
      return new Headline("warn", "Not connected yet: the application ID is missing", "");
    } else if (!now.lost().isEmpty()) {
      return new Headline("bad", "Access was lost", "Check now");
    } else if (failed) {
      String why = PageText.shortened(PageText.visible(run == null ? now.result() : run.failure()));
      return new Headline(
          "bad", "The last check" + time + " failed: " + why, "Check the steps for the remedy");
    } else if (run == null ? Boolean.TRUE.equals(now.passed()) : run.proves()) {
      return new Headline("good", "Connected: the check" + time + " passed", "Check now");
    }
    return new Headline(
        "warn", "The IDs are written, not checked yet", "Add an account, and check the steps");
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
