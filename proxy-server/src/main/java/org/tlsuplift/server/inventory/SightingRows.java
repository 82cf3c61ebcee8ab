package org.tlsuplift.server.inventory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.route.UpgradeNeed;
import org.tlsuplift.proxy.session.ClientHello;
import org.tlsuplift.proxy.session.TlsParameters;
import org.tlsuplift.proxy.session.TlsVersion;

/** What one sighting adds to the tables: pure. */
final class SightingRows {
  /** What a page shows of the last hour and day. */
  static final Duration FINE = Duration.ofMinutes(5);

  /** What it shows of longer times. */
  static final Duration DAY = Duration.ofDays(1);

  private final Sighting sighting;
  private final String address;
  private final boolean legacy;

  /** Of this device, whose address is known in the database's form. */
  SightingRows(Sighting sighting, DeviceAddress address) {
    this.sighting = sighting;
    this.address = address.text();
    TlsParameters agreed = sighting.agreed();
    this.legacy = agreed != null && agreed.version().isLegacy();
  }

  Row device(DeviceAddress where) {
    long at = sighting.at();
    Row row =
        counts(Tables.DEVICE.row())
            .set("address", where.text())
            .set("address_key", where.key())
            .set("first_seen", at)
            .set("last_seen", at)
            .set("bytes_up", sighting.bytesUp())
            .set("bytes_down", sighting.bytesDown());
    TlsParameters agreed = sighting.agreed();
    if (agreed != null) {
      row.set("worst_version", agreed.version().code())
          .set("agreed_at", at)
          .set("agreed_version", agreed.version().code())
          .set("agreed_suite", agreed.cipherSuite());
      if (sighting.bridged()) {
        row.set("trusted_at", at);
      }
    }
    if (sighting.hello() != null) {
      offered(row, sighting.hello());
    }
    if (sighting.plaintext()) {
      row.set("plaintext_at", at).set("shown_at", at);
    }
    if (!sighting.introduction().isEmpty()) {
      row.set("introduced_at", at).set("introduction", sighting.introduction());
    }
    if (!sighting.failure().isEmpty()) {
      row.set("failed_at", at).set("failure", sighting.failure());
      if (sighting.failure().equals(Failures.DISTRUST)) {
        row.set("distrusted_at", at);
      }
    }
    return row;
  }

  private void offered(Row row, ClientHello hello) {
    long at = sighting.at();
    long newest = hello.newestVersion().map(TlsVersion::code).orElse(0);
    row.set("hello_at", at)
        .set("ja4", hello.ja4())
        .set("server_name", hello.serverName() == null ? "" : hello.serverName())
        .set("offered_version", newest)
        .set("shown_at", at);
    if (hello.framing() == ClientHello.Framing.SSL_2) {
      row.set("ssl2_hellos", 1);
    }
    switch (UpgradeNeed.kind(hello)) {
      case VERSION -> row.set("too_old_at", at).set("too_old_version", newest);
      case ONLY_TLS_RSA -> row.set("only_rsa_at", at);
      case SUITES -> row.set("no_suite_at", at);
      case NONE -> row.set("ready_at", at);
    }
  }

  Row day() {
    Row row =
        counts(Tables.DAY.row())
            .set("address", address)
            .set("day", Math.floorDiv(sighting.at(), DAY.toMillis()));
    if (sighting.agreed() != null) {
      row.set("worst_version", sighting.agreed().version().code());
    }
    return row;
  }

  Row slot(Duration width) {
    long start = Math.floorDiv(sighting.at(), width.toMillis()) * width.toSeconds();
    return counts(Tables.SLOT.row())
        .set("listener", sighting.listener())
        .set("width", width.toSeconds())
        .set("start", start)
        .set("bytes_up", sighting.bytesUp())
        .set("bytes_down", sighting.bytesDown());
  }

  private Row counts(Row row) {
    boolean modern = sighting.agreed() != null && !legacy;
    return row.set("sessions", sighting.first() ? 1 : 0)
        .set("legacy", legacy ? 1 : 0)
        .set("modern", modern ? 1 : 0)
        .set("plaintext", sighting.plaintext() ? 1 : 0)
        .set("failures", sighting.failure().isEmpty() ? 0 : 1);
  }

  List<Row> facts() {
    List<Row> facts = new ArrayList<>();
    if (sighting.first()) {
      facts.add(fact(FactKind.LISTENER, sighting.listener()));
      if (sighting.target() != null) {
        facts.add(fact(FactKind.DESTINATION, sighting.target().toString()));
      }
    }
    if (sighting.agreed() != null) {
      facts.add(fact(FactKind.VERSION, sighting.agreed().version().label()));
      facts.add(fact(FactKind.SUITE, sighting.agreed().cipherSuite()));
    }
    if (sighting.hello() != null) {
      facts.add(fact(FactKind.JA4, sighting.hello().ja4()));
    }
    if (!sighting.failure().isEmpty()) {
      facts.add(fact(FactKind.FAILURE, sighting.failure()));
    }
    sighting.replies().forEach(reply -> facts.add(fact(FactKind.REPLY, reply.label())));
    return facts;
  }

  /** What the device needs here, if it shows anything. */
  Optional<Row> need(DeviceAddress where) {
    return Need.of(sighting)
        .map(
            need ->
                Tables.NEED
                    .row()
                    .set("address", address)
                    .set("listener", sighting.listener())
                    .set("need", need.label())
                    .set("address_key", where.key())
                    .set("first_seen", sighting.at())
                    .set("last_seen", sighting.at())
                    .set("times", 1));
  }

  private Row fact(FactKind kind, String value) {
    return Tables.FACT
        .row()
        .set("address", address)
        .set("kind", kind.label())
        .set("value", value)
        .set("first_seen", sighting.at())
        .set("last_seen", sighting.at())
        .set("times", 1);
  }
}
