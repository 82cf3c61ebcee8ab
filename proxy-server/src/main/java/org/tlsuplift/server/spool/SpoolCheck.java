package org.tlsuplift.server.spool;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.database.SqliteDisk;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.FailureKind;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Finding.Outcome;
import org.tlsuplift.server.feature.HasCheck;
import org.tlsuplift.server.feature.HasRemarks;
import org.tlsuplift.server.feature.LeftOut;
import org.tlsuplift.server.feature.Step;

/** What the spool says about a checked configuration. */
public final class SpoolCheck implements HasCheck, HasRemarks, LeftOut {
  /** The only step. */
  private enum Only implements Step {
    WAITING
  }

  /** Opens the spool for a command. */
  interface Opening {
    SpoolStore open() throws OperatorException;
  }

  private final SpoolSettings settings;
  private final Opening opening;

  public SpoolCheck(SpoolSettings settings) {
    this(settings, settings::open);
  }

  SpoolCheck(SpoolSettings settings, Opening opening) {
    this.settings = settings;
    this.opening = opening;
  }

  @Override
  public String refusal() {
    return settings.refusal();
  }

  @Override
  public List<String> warnings() {
    return settings.warnings();
  }

  @Override
  public String leftOut() {
    return settings.exists() ? "waiting messages are left out; " + waiting() : "";
  }

  private String waiting() {
    try (SpoolStore spool = opening.open()) {
      return WaitingMail.of(spool, 1).summary();
    } catch (OperatorException | SpoolException unreadable) {
      return String.valueOf(unreadable.getMessage());
    }
  }

  /** Whether messages may wait, or would have to. */
  @Override
  public boolean applies() {
    return settings.exists() || !settings.refusal().isEmpty();
  }

  @Override
  public String title() {
    return "waiting messages";
  }

  /** Reads the totals and the oldest message. */
  @Override
  public CheckResult examine() {
    Finding found;
    String refusal = settings.refusal().replace(": " + SqliteDisk.REMEDY, "");
    if (!refusal.isEmpty() && !settings.exists()) {
      return result(closed(refusal, SqliteDisk.REMEDY));
    }
    try (SpoolStore spool = opening.open()) {
      WaitingMail mail = WaitingMail.of(spool, 1);
      String closed = refusal.isEmpty() ? spool.closed() : refusal;
      if (!closed.isEmpty()) {
        String remedy =
            refusal.isEmpty() ? "make room on the disk of dataDirectory" : SqliteDisk.REMEDY;
        found = closed(closed + "; " + mail.summary(), remedy);
      } else if (mail.isLate(Instant.now())) {
        found = late(seen(mail), mail.waiting().get(0));
      } else {
        found = finding(Outcome.OK, seen(mail), null);
      }
    } catch (OperatorException | SpoolException failed) {
      String remedy = "check the disk, the database, and that this user may read spool.db";
      String seen = String.valueOf(failed.getMessage());
      found = finding(Outcome.FAILED, seen, SpoolFailure.SPOOL_UNREADABLE, remedy);
    }
    return result(found);
  }

  private CheckResult result(Finding found) {
    return CheckResult.of(title(), "", List.of(found));
  }

  private static Finding closed(String seen, String remedy) {
    String until = ": devices get 452 and keep their mail";
    return finding(Outcome.FAILED, seen, SpoolFailure.SPOOL_CLOSED, remedy + until);
  }

  private static String seen(WaitingMail mail) {
    return mail.waiting().stream()
        .findFirst()
        .filter(oldest -> oldest.attempts() > 0)
        .map(
            oldest ->
                "%s, attempts: %d; last reply: %s"
                    .formatted(mail.summary(), oldest.attempts(), oldest.lastReply()))
        .orElseGet(mail::summary);
  }

  private static Finding late(String seen, WaitingMail.Message oldest) {
    String known = oldest.meaning().isEmpty() ? "" : oldest.meaning() + ": " + oldest.remedy();
    return finding(
        Outcome.NOTE,
        seen,
        null,
        known.isEmpty() ? "check the path of its listener, as above" : known,
        "then try again: tls-uplift spool retry " + ShortText.argument(oldest.id(), "ID"));
  }

  private static Finding finding(
      Outcome outcome, String seen, @Nullable FailureKind kind, String... remedy) {
    return new Finding(Only.WAITING, outcome, seen, kind, List.of(remedy));
  }
}
