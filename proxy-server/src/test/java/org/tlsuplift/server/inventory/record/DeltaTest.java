package org.tlsuplift.server.inventory.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.server.inventory.record.Sightings.MODERN;
import static org.tlsuplift.server.inventory.record.Sightings.NOW;
import static org.tlsuplift.server.inventory.record.Sightings.TLS_1_0;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.mail.guard.SmtpGuard;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/** Sightings fold into the same rows, whatever their order. */
class DeltaTest {
  @Property(tries = 300)
  void resultDoesNotDependOnTheOrderOfSightings(
      @ForAll long seed, @ForAll @IntRange(max = 60) int size) {
    List<Sighting> sightings = Sightings.random(new Random(seed), size);
    List<Sighting> shuffled = new ArrayList<>(sightings);
    Collections.shuffle(shuffled, new Random(seed + 1));

    assertThat(rows(Sightings.fold(shuffled))).isEqualTo(rows(Sightings.fold(sightings)));
  }

  @Property(tries = 300)
  void mergedRowsDoNotDependOnTheSplit(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int size) {
    Random random = new Random(seed);
    List<Sighting> sightings = Sightings.random(random, size);
    int cut = random.nextInt(size + 1);
    Delta one = Sightings.fold(sightings.subList(0, cut));
    Delta other = Sightings.fold(sightings.subList(cut, size));

    assertThat(merged(one, other))
        .containsExactlyInAnyOrderElementsOf(merged(Sightings.fold(sightings), new Delta(1)));
    assertThat(merged(other, one)).containsExactlyInAnyOrderElementsOf(merged(one, other));
  }

  @Test
  void countsASessionWithTwoSightingsOnce() {
    Sighting begun = Sightings.session("10.0.0.1", NOW, TLS_1_0);
    Sighting ended =
        Sightings.sighting("10.0.0.1", NOW.plusSeconds(9), "web", false, null, null, false, "", "");

    Row device = Sightings.fold(List.of(begun, ended)).devices().get(0).device();
    assertThat(device.number("sessions")).isEqualTo(1);
    assertThat(device.number("legacy")).isEqualTo(1);
    assertThat(device.number("bytes_down")).isEqualTo(200);
    assertThat(device.number("last_seen")).isEqualTo(NOW.plusSeconds(9).toEpochMilli());
  }

  @Test
  void theLatestHelloAndTheWorstVersionAreKept() {
    Row device =
        Sightings.fold(
                List.of(
                    Sightings.session("10.0.0.1", NOW, MODERN),
                    Sightings.session("10.0.0.1", NOW.minusSeconds(1), TLS_1_0)))
            .devices()
            .get(0)
            .device();
    assertThat(device.text("ja4")).isEqualTo(MODERN.ja4());
    assertThat(device.number("worst_version")).isEqualTo(0x0301);
    assertThat(device.number("agreed_version")).isEqualTo(0x0304);
    assertThat(device.number("ssl2_hellos")).isEqualTo(1);
  }

  @Test
  void aDeviceBeyondTheLimitCountsAtItsListenerOnly() {
    Delta delta = new Delta(2);
    for (int i = 1; i <= 4; i++) {
      Sighting sighting = Sightings.session("10.0.0." + i, NOW, TLS_1_0);
      assertThat(delta.add(sighting)).isEqualTo(i <= 2);
      assertThat(delta.add(sighting)).isEqualTo(i <= 2);
    }
    assertThat(delta.devices()).hasSize(2);
    assertThat(delta.slots()).allSatisfy(slot -> assertThat(slot.number("sessions")).isEqualTo(8));
  }

  @Test
  void boundsValuesThatADeviceControls() {
    Delta delta = new Delta(2);
    for (int i = 0; i < 500; i++) {
      delta.add(
          new Sighting(
              Sightings.address("10.0.0.1"),
              NOW.plusSeconds(i).toEpochMilli(),
              "web",
              true,
              new HostPort("n" + i + ".example", 443),
              null,
              null,
              false,
              null,
              false,
              "",
              "no_route",
              null,
              Set.of(),
              Set.of(),
              Set.of(),
              0,
              0));
    }
    List<Row> facts = delta.devices().get(0).facts();
    assertThat(facts).hasSizeLessThanOrEqualTo(FactKind.MAX_VALUES + 2);
    assertThat(facts).anyMatch(fact -> fact.text("value").equals("n499.example:443"));
    assertThat(facts)
        .filteredOn(fact -> fact.text("kind").equals("failure"))
        .singleElement()
        .satisfies(fact -> assertThat(fact.number("times")).isEqualTo(500));
  }

  @Test
  void normalisesMappedAndScopedAddresses() {
    assertThat(DeviceAddress.of(Sightings.address("::ffff:10.0.0.1")))
        .isEqualTo(DeviceAddress.of(Sightings.address("10.0.0.1")))
        .isEqualTo(new DeviceAddress("10.0.0.1", "00000000000000000000ffff0a000001"));
    assertThat(DeviceAddress.of(Sightings.address("2001:db8::7")).text()).isEqualTo("2001:db8::7");
    assertThat(DeviceAddress.of(Sightings.address("fe80::1%1")).text()).isEqualTo("fe80::1");
  }

  private static List<Row> rows(Delta delta) {
    List<Row> rows = new ArrayList<>();
    for (Delta.DeviceRows device : delta.devices()) {
      rows.add(device.device());
      rows.addAll(device.facts());
      rows.addAll(device.days());
    }
    rows.addAll(delta.slots());
    return rows;
  }

  private static List<Row> merged(Delta one, Delta other) {
    List<Row> all = new ArrayList<>();
    for (Row row : rows(one)) {
      all.add(row.copy());
    }
    for (Row row : rows(other)) {
      all.stream()
          .filter(known -> known.table() == row.table() && Row.compareKeys(known, row) == 0)
          .findFirst()
          .ifPresentOrElse(known -> known.merge(row), () -> all.add(row));
    }
    return all;
  }

  @Test
  void boundsMessages() {
    Delta delta = new Delta(1);
    MessageRecord message = Trail.accepted("10.0.0.1", NOW, "@fabrikam.com");
    for (int i = 0; i < Delta.MAX_MESSAGES; i++) {
      assertThat(delta.add(message)).isTrue();
    }
    assertThat(delta.add(message)).isFalse();
    assertThat(delta.isEmpty()).isFalse();
    assertThat(delta.messageDays()).hasSize(1);
    assertThat(delta.messageDays().get(0).number("accepted")).isEqualTo(Delta.MAX_MESSAGES);
  }

  @Test
  void messageThatWaitsCountsAsSentByItsDevice() {
    Delta delta = new Delta(1);
    delta.add(
        Trail.message(
            "10.0.0.1",
            NOW,
            "scanner@contoso.com",
            List.of("@fabrikam.com"),
            MessageOutcome.WAITING,
            "",
            SmtpGuard.KEPT + "1"));
    assertThat(delta.messageDays().get(0).number("accepted")).isEqualTo(1);
    assertThat(delta.messageDays().get(0).number("accepted_at")).isEqualTo(NOW.toEpochMilli());
  }

  @Test
  void messagesThatDoNotFitIntoTheQueueAreCounted() {
    LongAdder dropped = new LongAdder();
    SightingQueue queue = new SightingQueue(dropped);
    MessageRecord message = Trail.accepted("10.0.0.1", NOW, "@fabrikam.com");
    for (int i = 0; i < SightingQueue.MESSAGES + 3; i++) {
      queue.offer(message);
    }
    assertThat(dropped.sum()).isEqualTo(3);
    assertThat(queue.drainMessages()).hasSize(SightingQueue.MESSAGES);
    assertThat(queue.drainMessages()).isEmpty();
  }
}
