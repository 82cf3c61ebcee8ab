package org.tlsuplift.server.daemon;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.database.SqliteDisk;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.FailureKind;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Finding.Outcome;
import org.tlsuplift.server.feature.Step;
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
    String refusal = SpoolSource.refusal(config).replace(": " + SqliteDisk.REMEDY, "");
    if (!refusal.isEmpty() && !SpoolSource.exists(config)) {
      return result(closed(refusal, SqliteDisk.REMEDY));
    }
    try (SpoolStore spool = opening.open(config)) {
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
    return new Finding(Step.WAITING, outcome, seen, kind, List.of(remedy));
  }
}
