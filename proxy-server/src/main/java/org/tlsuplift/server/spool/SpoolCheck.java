package org.tlsuplift.server.spool;

import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.database.SqliteDisk;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Findings;
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

  /** Messages may wait, or would have to. */
  @Override
  public boolean applies(boolean alone) {
    return !alone && (settings.exists() || !settings.refusal().isEmpty());
  }

  @Override
  public String title() {
    return "waiting messages";
  }

  @Override
  public CheckResult examine(Consumer<Finding> progress) {
    Findings findings = new Findings(progress);
    findings.add(found());
    return CheckResult.of(title(), "", findings.all());
  }

  /** Reads the totals and the oldest message. */
  private Finding found() {
    String refusal = settings.refusal().replace(": " + SqliteDisk.REMEDY, "");
    if (!refusal.isEmpty() && !settings.exists()) {
      return closed(refusal, SqliteDisk.REMEDY);
    }
    try (SpoolStore spool = opening.open()) {
      WaitingMail mail = WaitingMail.of(spool, 1);
      String closed = refusal.isEmpty() ? spool.closed() : refusal;
      if (!closed.isEmpty()) {
        String remedy =
            refusal.isEmpty() ? "make room on the disk of dataDirectory" : SqliteDisk.REMEDY;
        return closed(closed + "; " + mail.summary(), remedy);
      }
      return mail.isLate(Instant.now())
          ? late(seen(mail), mail.waiting().get(0))
          : Finding.ok(Only.WAITING, seen(mail));
    } catch (OperatorException | SpoolException failed) {
      String remedy = "check the disk, the database, and that this user may read spool.db";
      String seen = String.valueOf(failed.getMessage());
      return failed(SpoolFailure.SPOOL_UNREADABLE, remedy, seen);
    }
  }

  private static Finding closed(String seen, String remedy) {
    String until = ": devices get 452 and keep their mail";
    return failed(SpoolFailure.SPOOL_CLOSED, remedy + until, seen);
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
    return Finding.note(
        Only.WAITING,
        seen,
        known.isEmpty() ? "check the path of its listener, as above" : known,
        "then try again: tls-uplift spool retry " + ShortText.argument(oldest.id(), "ID"));
  }

  private static Finding failed(SpoolFailure kind, String remedy, String seen) {
    return Finding.failed(Only.WAITING, Diagnosis.of(kind, remedy), seen);
  }
}
