package org.tlsuplift.server.it.matrix;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.it.device.Device;
import org.tlsuplift.server.it.device.Offer;
import org.tlsuplift.server.it.device.Suite;
import org.tlsuplift.server.it.device.Trait;
import org.tlsuplift.server.it.lab.Run;

/**
 * One device of the handshake matrix at one server.
 *
 * @param device who it was
 * @param cell what became of it
 * @param faults what was other than the row says, which makes the trial worthless; none when all is
 *     well
 */
record MatrixTrial(String device, MatrixCell cell, List<String> faults) {
  private static final String ANSWER = "origin: ";

  /** The origin's name, which all certificates carry. */
  static final String NAME = "localhost";

  /** A block with 3DES or AES, encrypted with a MAC by SHA-1: the shortest record there is. */
  private static final List<Integer> SHORTEST = List.of(24, 32);

  /** Has it connect, ask and read the answer. */
  static MatrixTrial hold(MatrixRow row, Stack stack, Contestant contestant) {
    Offer offer = row.offer();
    Contestant.Endpoint endpoint = contestant.endpoint(row.leaf());
    Device device = stack.device(offer);
    Run run;
    Traffic traffic;
    try (Wire wire = Wire.to(endpoint.address(), offer)) {
      Device.Way way =
          Device.Way.fixed(
              wire.address(), NAME + ":" + wire.address().getPort(), endpoint.trusted());
      run = device.attempt(offer.has(Trait.NO_SNI) ? way.withoutSni() : way);
      wire.close();
      traffic = wire.traffic();
    }
    MatrixCell cell = cell(offer, device, run, traffic);
    List<String> faults = new ArrayList<>(traffic.differences(offer));
    traffic
        .leaf()
        .filter(leaf -> !row.leaf().describes(leaf))
        .map(X509Certificate::toString)
        .ifPresent(faults::add);
    if (cell instanceof MatrixCell.Served) {
      faults.addAll(recordFaults(offer, traffic.deviceContent()));
    }
    return new MatrixTrial(run.toString(), cell, List.copyOf(faults));
  }

  private static MatrixCell cell(Offer offer, Device device, Run run, Traffic traffic) {
    if (run.exit() == 0 && run.output().contains(ANSWER)) {
      Device.Visit visit = device.agreed(run);
      return new MatrixCell.Served(
          version(visit.version())
              + " "
              + suite(offer, visit.suite())
              + (offer.has(Trait.SMALL_RECORDS) ? tooLarge(traffic.longestFromServer()) : ""));
    }
    return traffic.hasServerHello()
        ? new MatrixCell.BrokenOff()
        : new MatrixCell.Refused(traffic.alert());
  }

  /** Such a device has no room for more than 512 bytes, and what encryption adds. */
  private static String tooLarge(int record) {
    return record > 512 + 64 ? ", but records of " + record : "";
  }

  /** What a device calls a version; NSS says that of TLS 1.0 as 3.1. */
  private static String version(String words) {
    String number = words.toLowerCase(Locale.ROOT).replaceAll("[a-z]", "");
    return Optional.ofNullable(
            switch (number) {
              case "3", "3.0" -> TlsVersion.SSL_3;
              case "1", "1.0", "3.1" -> TlsVersion.TLS_1_0;
              case "1.1", "3.2" -> TlsVersion.TLS_1_1;
              case "1.2", "3.3" -> TlsVersion.TLS_1_2;
              case "1.3", "3.4" -> TlsVersion.TLS_1_3;
              default -> null;
            })
        .map(TlsVersion::label)
        .orElse(words);
  }

  private static String suite(Offer offer, String words) {
    List<Suite> candidates =
        offer.suites().isEmpty() ? Arrays.asList(Suite.values()) : offer.suites();
    return candidates.stream()
        .filter(suite -> suite.isNamedIn(words))
        .findFirst()
        .map(Suite::openssl)
        .orElse(words);
  }

  private static List<String> recordFaults(Offer offer, List<Integer> lengths) {
    // Java splits from its second record on: what came before, nobody could have chosen.
    boolean split =
        lengths.stream().limit(Math.max(0, lengths.size() - 1)).anyMatch(SHORTEST::contains);
    boolean wanted = offer.has(Trait.SPLITS_RECORDS) || offer.has(Trait.EMPTY_RECORDS);
    if (wanted && !split) {
      return List.of("records of " + lengths);
    }
    return offer.has(Trait.BYTE_RECORDS) && lengths.size() < 18
        ? List.of("records of " + lengths)
        : List.of();
  }

  @Override
  public String toString() {
    return cell + " " + faults + "\n" + device;
  }
}
