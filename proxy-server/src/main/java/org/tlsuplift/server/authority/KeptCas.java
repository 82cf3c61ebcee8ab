package org.tlsuplift.server.authority;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * The CAs that are kept in addition to the one that signs.
 *
 * @param staged the next CA
 * @param previous the CA that signed before
 * @param problems why a kept CA cannot be used, in lines for the operator
 */
public record KeptCas(Optional<KeptCa> staged, Optional<KeptCa> previous, List<String> problems) {
  /** A month is enough to find the devices without the new CA. */
  private static final Duration REMIND_AFTER = Duration.ofDays(30);

  static final KeptCas NONE = new KeptCas(Optional.empty(), Optional.empty(), List.of());

  public KeptCas {
    problems = List.copyOf(problems);
  }

  /** Reads the kept CAs. A broken one is reported as a problem, and the others are still read. */
  public static KeptCas of(CaSource source) {
    List<String> problems = new ArrayList<>();
    return new KeptCas(
        find(source, KeptCa.Role.STAGED, problems),
        find(source, KeptCa.Role.PREVIOUS, problems),
        problems);
  }

  private static Optional<KeptCa> find(CaSource source, KeptCa.Role role, List<String> problems) {
    try {
      return source.kept(role);
    } catch (OperatorException unusable) {
      problems.add(unusable.getMessage());
      return Optional.empty();
    }
  }

  /** The facts, in lines for the operator. */
  public List<String> notes(CaSource source, Instant now) {
    List<String> notes = new ArrayList<>();
    staged.ifPresent(
        kept ->
            notes.add(
                "a CA for %s was staged on %s and does not sign yet: install it on the devices, then run '%s'; SHA-256 %s"
                    .formatted(
                        source.scope(), kept.since(), source.command("activate"), kept.sha256())));
    previous
        .filter(kept -> !isLong(kept, now))
        .ifPresent(
            kept ->
                notes.add(
                    "the previous CA for %s was replaced on %s: '%s' goes back to it, '%s' erases its key"
                        .formatted(
                            source.scope(),
                            kept.since(),
                            source.command("undo"),
                            source.command("retire"))));
    return notes;
  }

  /** The required actions, in lines for the operator. */
  public List<String> warnings(CaSource source, Instant now) {
    List<String> warnings = new ArrayList<>(problems);
    previous
        .filter(kept -> isLong(kept, now))
        .ifPresent(
            kept ->
                warnings.add(
                    "the key of the previous CA for %s, replaced on %s, still exists after %d days: anyone who steals it can pose as an origin; erase it with '%s'"
                        .formatted(
                            source.scope(),
                            kept.since(),
                            Duration.between(kept.since(), now).toDays(),
                            source.command("retire"))));
    return warnings;
  }

  private static boolean isLong(KeptCa kept, Instant now) {
    return kept.since().plus(REMIND_AFTER).isBefore(now);
  }
}
