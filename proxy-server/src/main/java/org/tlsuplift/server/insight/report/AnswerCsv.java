package org.tlsuplift.server.insight.report;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.server.insight.switchoff.Answer;
import org.tlsuplift.server.insight.switchoff.Scope;
import org.tlsuplift.server.insight.switchoff.Straggler;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.Need;
import org.tlsuplift.server.inventory.export.DeviceCsv;

/** Answers and the devices that stand against them, as lines of CSV (RFC 4180). */
final class AnswerCsv {
  /** The columns of {@link #line(Answer)}. */
  static final String ANSWERS =
      "kind,name,profile,answer,because,yes_from,watched_since,devices,standing_against,latest_need,"
          + "incomplete";

  /** The columns of {@link #line(Straggler, String)}. */
  static final String DEVICES =
      "address,name,subnet,verdict,verdict_text,listeners,needs,latest_need,first_seen,last_seen,"
          + "sessions,trusts_ca,suggests,introduction,latest_failure,help";

  private AnswerCsv() {}

  static String line(Answer answer) {
    boolean listener = answer.scope() instanceof Scope.OfListener;
    String profile = answer.scope() instanceof Scope.OfListener one ? one.listener().profile() : "";
    return line(
        listener ? "listener" : "subnet",
        answer.scope().name(),
        profile,
        answer.answer().label(),
        answer.because(),
        moment(answer.from()),
        moment(answer.watchedSince()),
        answer.devices(),
        answer.standing(),
        moment(answer.latestNeed()),
        String.join("; ", answer.incomplete()));
  }

  /**
   * A device that stands against it.
   *
   * @param subnet where it is
   */
  static String line(Straggler straggler, String subnet) {
    return line(
        straggler.device().address(),
        straggler.device().name(),
        subnet,
        straggler.device().verdict().label(),
        straggler.device().verdictText(),
        distinct(straggler.needs().stream().map(ListenerNeed::listener)),
        distinct(straggler.needs().stream().map(ListenerNeed::need).map(Need::label)),
        straggler.latestNeed(),
        straggler.device().firstSeen(),
        straggler.device().lastSeen(),
        straggler.device().sessions(),
        straggler.device().trust().name().toLowerCase(Locale.ROOT),
        straggler.device().suggests(),
        straggler.device().introduction(),
        straggler.device().latestFailure(),
        String.join("; ", straggler.help()));
  }

  private static String distinct(Stream<String> values) {
    return values.distinct().sorted().collect(Collectors.joining(" "));
  }

  private static String moment(Optional<Instant> moment) {
    return moment.map(Instant::toString).orElse("");
  }

  private static String line(Object... cells) {
    return List.of(cells).stream()
        .map(cell -> DeviceCsv.cell(cell.toString()))
        .collect(Collectors.joining(","));
  }
}
