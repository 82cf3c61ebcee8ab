package org.tlsuplift.server.readiness;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.server.inventory.DeviceCsv;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.Need;

/** Results and blocking devices, as lines of CSV (RFC 4180). */
final class SwitchOffCsv {
  /** The columns of {@link #line(SwitchOffResult)}. */
  static final String ANSWERS =
      "kind,name,profile,answer,because,yes_from,watched_since,devices,standing_against,latest_need,"
          + "incomplete";

  /** The columns of {@link #line(BlockingDevice, String)}. */
  static final String DEVICES =
      "address,name,subnet,verdict,verdict_text,listeners,needs,latest_need,first_seen,last_seen,"
          + "sessions,trusts_ca,suggests,introduction,latest_failure,help";

  private SwitchOffCsv() {}

  static String line(SwitchOffResult switchOffResult) {
    return DeviceCsv.row(
        switchOffResult.scope().isListener() ? "listener" : "subnet",
        switchOffResult.scope().name(),
        switchOffResult.scope().profile(),
        switchOffResult.answer().label(),
        switchOffResult.because(),
        switchOffResult.from().orElse(null),
        switchOffResult.watchedSince().orElse(null),
        switchOffResult.devices(),
        switchOffResult.standing(),
        switchOffResult.latestNeed().orElse(null),
        String.join("; ", switchOffResult.incomplete()));
  }

  /**
   * A blocking device.
   *
   * @param subnet the subnet of the device
   */
  static String line(BlockingDevice blockingDevice, String subnet) {
    return DeviceCsv.row(
        blockingDevice.device().address(),
        blockingDevice.device().name(),
        subnet,
        blockingDevice.device().verdict().label(),
        blockingDevice.device().verdictText(),
        distinct(blockingDevice.needs().stream().map(ListenerNeed::listener)),
        distinct(blockingDevice.needs().stream().map(ListenerNeed::need).map(Need::label)),
        blockingDevice.latestNeed(),
        blockingDevice.device().firstSeen(),
        blockingDevice.device().lastSeen(),
        blockingDevice.device().sessions(),
        blockingDevice.device().trust().name().toLowerCase(Locale.ROOT),
        blockingDevice.device().suggests(),
        blockingDevice.device().introduction(),
        blockingDevice.device().latestFailure(),
        String.join("; ", blockingDevice.help()));
  }

  private static String distinct(Stream<String> values) {
    return values.distinct().sorted().collect(Collectors.joining(" "));
  }
}
