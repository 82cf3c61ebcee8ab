package org.tlsuplift.server.inventory.record;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.LeafKey;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.route.UpgradeNeed;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Failures;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Need;
import org.tlsuplift.server.inventory.Success;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/**
 * Converts a sighting into the rows that it adds to the tables.
 *
 * <p>It reuses one row object for each table, to save allocations. The next call for the same table
 * overwrites the row, so callers merge it at once. Not thread-safe.
 */
public final class SightingRows {
  private final Row device = Tables.DEVICE.row();
  private final Row day = Tables.DAY.row();
  private final Row slot = Tables.SLOT.row();
  private final Row fact = Tables.FACT.row();
  private final Row need = Tables.NEED.row();
  private final Row origin = Tables.ORIGIN.row();

  public Row device(Sighting sighting, DeviceAddress address) {
    long at = sighting.at();
    Row row =
        counts(device.clear(), sighting)
            .set("address", address.text())
            .set("address_key", address.key())
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
      offered(row, sighting.hello(), at);
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
    if (sighting.refusedKey() != null) {
      row.set(sighting.refusedKey() == LeafKey.EC ? "ec_failed_at" : "rsa_failed_at", at);
    }
    return row;
  }

  private static void offered(Row row, ClientHello hello, long at) {
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

  Row day(Sighting sighting, DeviceAddress address) {
    Row row =
        counts(day.clear(), sighting)
            .set("address", address.text())
            .set("day", Math.floorDiv(sighting.at(), Inventory.DAY.toMillis()));
    if (sighting.agreed() != null) {
      row.set("worst_version", sighting.agreed().version().code());
    }
    return row;
  }

  Row slot(Sighting sighting, Duration width) {
    long start = Math.floorDiv(sighting.at(), width.toMillis()) * width.toSeconds();
    return counts(slot.clear(), sighting)
        .set("listener", sighting.listener())
        .set("width", width.toSeconds())
        .set("start", start)
        .set("bytes_up", sighting.bytesUp())
        .set("bytes_down", sighting.bytesDown());
  }

  private static Row counts(Row row, Sighting sighting) {
    TlsParameters agreed = sighting.agreed();
    boolean legacy = agreed != null && agreed.version().isLegacy();
    boolean modern = agreed != null && !legacy;
    return row.set("sessions", sighting.first() ? 1 : 0)
        .set("legacy", legacy ? 1 : 0)
        .set("modern", modern ? 1 : 0)
        .set("plaintext", sighting.plaintext() ? 1 : 0)
        .set("failures", sighting.failure().isEmpty() ? 0 : 1);
  }

  /** Passes on the rows of {@code device_fact} one by one. */
  void facts(Sighting sighting, DeviceAddress address, Consumer<Row> each) {
    if (sighting.first()) {
      each.accept(fact(sighting, address, FactKind.LISTENER, sighting.listener()));
      if (sighting.target() != null) {
        each.accept(fact(sighting, address, FactKind.DESTINATION, sighting.target().toString()));
      }
    }
    if (sighting.agreed() != null) {
      each.accept(fact(sighting, address, FactKind.VERSION, sighting.agreed().version().label()));
      each.accept(fact(sighting, address, FactKind.SUITE, sighting.agreed().cipherSuite()));
    }
    if (sighting.originGroup() != null && sighting.target() != null) {
      String exchange = sighting.target() + " " + sighting.originGroup();
      each.accept(fact(sighting, address, FactKind.KEY_EXCHANGE, exchange));
    }
    if (sighting.hello() != null) {
      each.accept(fact(sighting, address, FactKind.JA4, sighting.hello().ja4()));
    }
    if (!sighting.failure().isEmpty()) {
      each.accept(fact(sighting, address, FactKind.FAILURE, sighting.failure()));
    }
    for (OriginReply reply : sighting.replies()) {
      each.accept(fact(sighting, address, FactKind.REPLY, reply.label()));
    }
    for (MessageRefusal refusal : sighting.refusals()) {
      each.accept(fact(sighting, address, FactKind.REFUSAL, refusal.label()));
    }
  }

  /** Passes on the rows of {@code device_origin} one by one. */
  void origins(Sighting sighting, DeviceAddress address, Consumer<Row> each) {
    if (!sighting.failure().isEmpty()) {
      each.accept(origin(sighting, address, FactKind.FAILURE.label(), sighting.failure()));
    }
    for (OriginReply reply : sighting.replies()) {
      each.accept(origin(sighting, address, FactKind.REPLY.label(), reply.label()));
    }
    if (sighting.agreed() != null) {
      each.accept(origin(sighting, address, Success.KIND, Success.HANDSHAKE.label()));
    }
    for (Success success : sighting.successes()) {
      each.accept(origin(sighting, address, Success.KIND, success.label()));
    }
  }

  private Row origin(Sighting sighting, DeviceAddress address, String kind, String value) {
    return origin
        .clear()
        .set("address", address.text())
        .set("origin", sighting.target() == null ? "" : sighting.target().toString())
        .set("kind", kind)
        .set("value", value)
        .set("last_seen", sighting.at());
  }

  /** The need in this sighting, or empty for none. */
  Optional<Row> need(Sighting sighting, DeviceAddress address) {
    return Need.of(
            sighting.plaintext(), sighting.hello(), sighting.bridged() ? sighting.agreed() : null)
        .map(
            shown ->
                need.clear()
                    .set("address", address.text())
                    .set("listener", sighting.listener())
                    .set("need", shown.label())
                    .set("address_key", address.key())
                    .set("first_seen", sighting.at())
                    .set("last_seen", sighting.at())
                    .set("times", 1));
  }

  /** The row of {@code message_day} for one message. */
  static Row messageDay(MessageRecord message) {
    long at = message.at().toEpochMilli();
    Row row =
        Tables.MESSAGE_DAY
            .row()
            .set("address", DeviceAddress.of(message.device()).text())
            .set("day", Math.floorDiv(at, Inventory.DAY.toMillis()))
            .set(message.outcome().isTaken() ? "accepted" : message.outcome().label(), 1)
            .set("bytes", message.size());
    return message.outcome().isTaken() ? row.set("accepted_at", at) : row;
  }

  private Row fact(Sighting sighting, DeviceAddress address, FactKind kind, String value) {
    return fact.clear()
        .set("address", address.text())
        .set("kind", kind.label())
        .set("value", value)
        .set("first_seen", sighting.at())
        .set("last_seen", sighting.at())
        .set("times", 1);
  }
}
