package org.tlsuplift.server.daemon;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.doctor.CheckResult;
import org.tlsuplift.server.doctor.FailureKind;
import org.tlsuplift.server.doctor.Finding;
import org.tlsuplift.server.doctor.Finding.Outcome;
import org.tlsuplift.server.doctor.Step;
import org.tlsuplift.server.spool.SpoolException;
import org.tlsuplift.server.spool.SpoolStore;
import org.tlsuplift.server.spool.WaitingMail;

/** The doctor's step for messages that wait. */
public final class SpoolCheck {
  private SpoolCheck() {}

  /** Whether messages may wait, or would have to. */
  public static boolean applies(ServerConfig config) {
    return SpoolSource.exists(config) || !SpoolSource.refusal(config).isEmpty();
  }

  /** Reads the totals and the oldest message. Blocks. */
  public static CheckResult examine(ServerConfig config, SpoolSource.Opening opening) {
    Finding found;
    // The refusal contains its remedy.
    String[] why = SpoolSource.refusal(config).split(": ", 2);
    String refusal = why[0];
    if (!refusal.isEmpty() && !SpoolSource.exists(config)) {
      return result(closed(refusal, why[1]));
    }
    try (SpoolStore spool = opening.open(config)) {
      WaitingMail mail = WaitingMail.of(spool, 1);
      String closed = spool.closed();
      if (!refusal.isEmpty()) {
        found = closed(refusal + "; " + mail.summary(), why[1]);
      } else if (!closed.isEmpty()) {
        found = closed(closed + "; " + mail.summary(), "make room on the disk of dataDirectory");
      } else if (mail.isLate(Instant.now())) {
        found = late(mail.summary(), mail.waiting().get(0));
      } else {
        found = finding(Outcome.OK, mail.summary(), null);
      }
    } catch (OperatorException | SpoolException failed) {
      String remedy = "check the disk, the database, and that this user may read spool.db";
      String seen = String.valueOf(failed.getMessage());
      found = finding(Outcome.FAILED, seen, FailureKind.SPOOL_UNREADABLE, remedy);
    }
    return result(found);
  }

  private static CheckResult result(Finding found) {
    return new CheckResult("", "", "", "", List.of(found));
  }

  private static Finding closed(String seen, String remedy) {
    String until = ": devices get 452 and keep their mail";
    return finding(Outcome.FAILED, seen, FailureKind.SPOOL_CLOSED, remedy + until);
  }

  private static Finding late(String summary, WaitingMail.Message oldest) {
    String known = oldest.meaning().isEmpty() ? "" : oldest.meaning() + ": " + oldest.remedy();
    return finding(
        Outcome.NOTE,
        summary + ", after " + oldest.attempts() + " attempts; last reply: " + oldest.lastReply(),
        null,
        known.isEmpty() ? "check the path of its listener, as above" : known,
        "then try again: tls-uplift spool retry " + ShortText.argument(oldest.id(), "ID"));
  }

  private static Finding finding(
      Outcome outcome, String seen, @Nullable FailureKind kind, String... remedy) {
    return new Finding(Step.WAITING, outcome, seen, kind, List.of(remedy));
  }
}
