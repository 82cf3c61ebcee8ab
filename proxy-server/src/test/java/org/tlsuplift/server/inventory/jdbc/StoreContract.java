package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.tlsuplift.server.inventory.record.Sightings.MODERN;
import static org.tlsuplift.server.inventory.record.Sightings.NOW;
import static org.tlsuplift.server.inventory.record.Sightings.STATIC_RSA;
import static org.tlsuplift.server.inventory.record.Sightings.TLS_1_0;

import java.net.InetSocketAddress;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.DayCount;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceGroup;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DeviceList;
import org.tlsuplift.server.inventory.DeviceNotes;
import org.tlsuplift.server.inventory.DevicePage;
import org.tlsuplift.server.inventory.DeviceProblem;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Failures;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Inventory.NotesChange;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.ListenerTotal;
import org.tlsuplift.server.inventory.ListenerUse;
import org.tlsuplift.server.inventory.ListenerWatch;
import org.tlsuplift.server.inventory.Need;
import org.tlsuplift.server.inventory.NeedCount;
import org.tlsuplift.server.inventory.NeedFilter;
import org.tlsuplift.server.inventory.Success;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.record.Batch;
import org.tlsuplift.server.inventory.record.Delta;
import org.tlsuplift.server.inventory.record.InventoryObserver;
import org.tlsuplift.server.inventory.record.Sighting;
import org.tlsuplift.server.inventory.record.SightingQueue;
import org.tlsuplift.server.inventory.record.Sightings;
import org.tlsuplift.server.inventory.record.WatchRows;
import org.tlsuplift.server.testing.AtOnce;

/** What each database has to hold to. */
abstract class StoreContract {
  private static final VerdictRules RULES = VerdictRules.defaults();
  private static final List<String> TABLES =
      List.of(
          "device", "device_fact", "device_origin", "device_day", "device_need", "listener_slot");

  private final List<Database> opened = new ArrayList<>();
  private DatabasePlace place;
  private Database database;
  private Store store;
  private Inventory inventory;
  private long batches;

  /** An empty place. */
  abstract DatabasePlace place() throws Exception;

  @BeforeEach
  void open() throws Exception {
    place = place();
    database = database(place);
    database.migrate(DeviceInventory.SCHEMA);
    store = new Store(database, 1000, 1000);
    inventory =
        new JdbcInventory(
            database,
            RULES,
            Map.of("web", "http-connect"),
            Clock.fixed(NOW.plusSeconds(60), ZoneOffset.UTC));
  }

  @AfterEach
  void close() {
    opened.forEach(Database::close);
  }

  private Database database(DatabasePlace place) throws SQLException {
    Database more = Database.forWriting(place);
    more.createFile();
    opened.add(more);
    return more;
  }

  @Test
  void oneOfSeveralInstancesSendsAReport() throws Exception {
    List<CompletableFuture<Boolean>> instances = new ArrayList<>();
    Instant again = NOW.plusSeconds(900);
    ReportTimes reports = new ReportTimes(database);
    assertThat(reports.take("printers", NOW, NOW.minusSeconds(1), again)).as("too early").isFalse();
    for (int i = 0; i < 4; i++) {
      Database other = database(place);
      other.migrate(DeviceInventory.SCHEMA);
      instances.add(
          AtOnce.supply(
              () -> {
                try {
                  return new ReportTimes(other).take("printers", NOW.plusSeconds(60), NOW, again);
                } catch (SQLException failed) {
                  throw new IllegalStateException(failed);
                }
              }));
    }
    assertThat(instances.stream().map(CompletableFuture::join)).containsOnlyOnce(true).hasSize(4);
    assertThat(reports.take("printers", NOW, again.minusSeconds(1), again)).isFalse();
    assertThat(reports.take("printers", NOW, again, again.plusSeconds(900)))
        .as("if the instance that took it has died or failed")
        .isTrue();
    reports.sent("printers", again.plusSeconds(7000));
    assertThat(reports.take("printers", NOW, again.plusSeconds(6999), again)).isFalse();
    assertThat(reports.take("printers", NOW, again.plusSeconds(90_000), again))
        .as("after weeks without a daemon")
        .isTrue();
  }

  private void write(Sighting... sightings) throws SQLException {
    write(store, List.of(sightings));
  }

  private int write(Store to, List<Sighting> sightings) throws SQLException {
    return to.write(new Batch(++batches, Sightings.fold(sightings)));
  }

  @Test
  void resultDoesNotDependOnTheOrderOfBatches() throws Exception {
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      List<Sighting> sightings = Sightings.random(random, 60);
      List<List<Sighting>> parts = new ArrayList<>();
      for (int from = 0; from < sightings.size(); ) {
        int to = Math.min(sightings.size(), from + random.nextInt(1, 20));
        parts.add(sightings.subList(from, to));
        from = to;
      }
      write(store, sightings);
      List<String> atOnce = emptied();
      Collections.shuffle(parts, random);
      for (List<Sighting> part : parts) {
        write(store, part);
      }
      assertThat(emptied()).as("seed %d", seed).isEqualTo(atOnce);
    }
  }

  @Test
  void concurrentWritersLoseNothing() throws Exception {
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    for (int writer = 0; writer < 3; writer++) {
      Store own = new Store(database, 1000, 1000);
      List<Sighting> sightings = Sightings.random(new Random(writer), 40);
      writers.add(
          AtOnce.run(
              () -> {
                try {
                  for (int i = 1; i <= 10; i++) {
                    own.write(new Batch(i, Sightings.fold(sightings)));
                  }
                } catch (SQLException failed) {
                  throw new AssertionError(failed);
                }
              }));
    }
    CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).join();

    long expected = 0;
    for (int writer = 0; writer < 3; writer++) {
      expected +=
          10 * Sightings.random(new Random(writer), 40).stream().filter(Sighting::first).count();
    }
    assertThat(number("SELECT sum(sessions) FROM device")).isEqualTo(expected);
    assertThat(number("SELECT sum(sessions) FROM device_day")).isEqualTo(expected);
    assertThat(number("SELECT sum(sessions) FROM listener_slot WHERE width = 300"))
        .isEqualTo(expected);
  }

  @Test
  void aBatchWithALostCommitReplyIsNotWrittenTwice() throws Exception {
    Batch batch =
        new Batch(1, Sightings.fold(List.of(Sightings.session("10.0.0.1", NOW, TLS_1_0))));
    store.write(batch);
    store.write(batch);
    assertThat(number("SELECT sum(sessions) FROM device")).isEqualTo(1);
    store.write(new Batch(2, batch.delta()));
    assertThat(number("SELECT sum(sessions) FROM device")).isEqualTo(2);
  }

  @Test
  void aFullInventoryUpdatesOnlyKnownDevices() throws Exception {
    Store small = new Store(database, 3, 1000);
    List<Sighting> five = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      five.add(Sightings.session("10.0.0." + i, NOW, TLS_1_0));
    }
    assertThat(write(small, five.subList(0, 2))).isZero();
    assertThat(write(small, five)).isEqualTo(2);
    assertThat(write(small, five)).isEqualTo(2);
    assertThat(number("SELECT count(*) FROM device")).isEqualTo(3);
    assertThat(number("SELECT count(DISTINCT address) FROM device_fact")).isEqualTo(3);
    assertThat(number("SELECT sum(sessions) FROM device WHERE address = '10.0.0.1'")).isEqualTo(3);
  }

  @Test
  void boundsValuesThatADeviceControls() throws Exception {
    for (int batch = 0; batch < 4; batch++) {
      List<Sighting> sightings = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        sightings.add(
            Sightings.session(
                "10.0.0.1",
                NOW.plusSeconds(batch),
                Sightings.hello(MODERN.versions().get(0), "ja4-" + batch + "-" + i, 0x1301)));
      }
      write(store, sightings);
    }
    assertThat(number("SELECT count(*) FROM device_fact WHERE kind = 'ja4'"))
        .isEqualTo(FactKind.MAX_VALUES);
    assertThat(number("SELECT count(*) FROM device_fact WHERE value LIKE 'ja4-3-%'")).isEqualTo(20);
  }

  @Test
  void theVerdictOfTheDatabaseIsThatOfTheRules() throws Exception {
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      String ip = "10.1." + i / 250 + "." + i % 250;
      List<Sighting> some = new ArrayList<>();
      for (int j = random.nextInt(4); j >= 0; j--) {
        Sighting one = Sightings.random(random, 1).get(0);
        some.add(
            new Sighting(
                Sightings.address(ip),
                NOW.minus(Duration.ofDays(random.nextInt(35))).toEpochMilli(),
                one.listener(),
                one.first(),
                one.target(),
                one.hello(),
                one.agreed(),
                one.bridged(),
                one.originGroup(),
                one.plaintext(),
                one.introduction(),
                one.failure(),
                null,
                one.replies(),
                Set.of(),
                one.successes(),
                1,
                1));
      }
      write(store, some);
    }
    Map<Verdict, Long> counted = inventory.verdicts(DeviceFilter.ALL);
    for (Verdict verdict : Verdict.values()) {
      DevicePage page =
          inventory.devices(query(DeviceFilter.ALL.with(List.of(verdict)), DeviceSort.ADDRESS));
      assertThat(page.devices()).allMatch(device -> device.verdict() == verdict);
      assertThat(page.total()).isEqualTo(counted.get(verdict)).isPositive();
    }
    assertThat(counted.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(300);
    assertThat(inventory.devices(query(DeviceFilter.ALL, DeviceSort.VERDICT)).devices())
        .extracting(DeviceRecord::verdict)
        .isSorted();
  }

  @Test
  void devicesAreFoundSortedAndPaged() throws Exception {
    write(
        Sightings.session("10.0.0.10", NOW, TLS_1_0),
        Sightings.session("10.0.0.9", NOW.minusSeconds(5), MODERN),
        Sightings.session("192.168.7.1", NOW.minusSeconds(9), STATIC_RSA),
        Sightings.session("2001:db8::1", NOW.minusSeconds(20), MODERN),
        Sightings.sighting(
            "10.9.0.1", NOW, "submission", true, null, null, true, "Printer_100%", ""));

    assertThat(addresses(DeviceFilter.ALL, DeviceSort.ADDRESS))
        .containsExactly("10.0.0.9", "10.0.0.10", "10.9.0.1", "192.168.7.1", "2001:db8::1");
    assertThat(addresses(DeviceFilter.ALL, DeviceSort.LAST_SEEN))
        .startsWith("2001:db8::1", "192.168.7.1", "10.0.0.9");
    assertThat(addresses(DeviceFilter.ALL, DeviceSort.VERDICT)).startsWith("10.9.0.1", "10.0.0.10");
    for (DeviceSort sort : DeviceSort.values()) {
      assertThat(addresses(DeviceFilter.ALL, sort)).hasSize(5);
    }
    assertThat(addresses(DeviceFilter.ALL.in(Cidr.parse("10.0.0.0/24")), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.9", "10.0.0.10");
    assertThat(addresses(DeviceFilter.ALL.in(Cidr.parse("2001:db8::/32")), DeviceSort.ADDRESS))
        .containsExactly("2001:db8::1");
    assertThat(addresses(DeviceFilter.ALL.in(Cidr.parse("::/0")), DeviceSort.ADDRESS))
        .containsExactly("2001:db8::1");
    assertThat(addresses(DeviceFilter.ALL.in(Cidr.parse("0.0.0.0/0")), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.9", "10.0.0.10", "10.9.0.1", "192.168.7.1");
    assertThat(addresses(DeviceFilter.ALL.at("submission"), DeviceSort.ADDRESS))
        .containsExactly("10.9.0.1");
    assertThat(addresses(DeviceFilter.ALL.searching("PRINTER_100%"), DeviceSort.ADDRESS))
        .containsExactly("10.9.0.1");
    assertThat(addresses(DeviceFilter.ALL.searching("r%t"), DeviceSort.ADDRESS)).isEmpty();
    assertThat(addresses(DeviceFilter.ALL.searching("t13d.EXAMPLE"), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.9", "2001:db8::1");
    assertThat(addresses(DeviceFilter.ALL.searching("' OR 1=1 --"), DeviceSort.ADDRESS)).isEmpty();
    DevicePage second =
        inventory.devices(new DeviceQuery(DeviceFilter.ALL, DeviceSort.ADDRESS, true, 2, 2));
    assertThat(second.total()).isEqualTo(5);
    assertThat(second.devices())
        .extracting(DeviceRecord::address)
        .containsExactly("10.9.0.1", "10.0.0.10");
  }

  @Test
  void keepsWhatPeopleWriteAboutADevice() throws Exception {
    write(
        Sightings.session("10.0.0.1", NOW, TLS_1_0),
        Sightings.session("10.0.0.2", NOW, MODERN),
        Sightings.session("10.0.0.3", NOW, MODERN));
    DeviceNotes first =
        DeviceNotes.NONE.with(
            Map.of(
                "owner", "It@contoso.com",
                "place", "\u00c4rztehaus,  2nd_floor",
                "tags", "vip, printers",
                "note", "50% toner\nleft"));
    assertThat(note("10.0.0.1", DeviceNotes.NONE, first)).isEmpty();
    assertThat(note("10.0.0.2", DeviceNotes.NONE, DeviceNotes.NONE.with(Map.of("tags", "print"))))
        .isEmpty();
    write(Sightings.session("10.0.0.1", NOW.plusSeconds(1), TLS_1_0));

    assertThat(notes("10.0.0.1")).isEqualTo(first);
    assertThat(first.values())
        .containsExactly(
            "It@contoso.com", "\u00c4rztehaus, 2nd_floor", "printers vip", "50% toner left");
    assertThat(addresses(DeviceFilter.ALL.narrowed("tag", "printers"), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.1");
    assertThat(addresses(DeviceFilter.ALL.narrowed("tag", "print"), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.2");
    assertThat(addresses(DeviceFilter.ALL.narrowed("owner", "it@CONTOSO"), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.1");
    assertThat(addresses(DeviceFilter.ALL.narrowed("place", "\u00c4RZTE"), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.1");
    assertThat(
            addresses(
                DeviceFilter.ALL.narrowed("place", "2nd").narrowed("tag", "print"),
                DeviceSort.ADDRESS))
        .isEmpty();
    assertThat(addresses(DeviceFilter.ALL.searching("50% T"), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.1");
    assertThat(addresses(DeviceFilter.ALL, DeviceSort.OWNER))
        .containsExactly("10.0.0.2", "10.0.0.3", "10.0.0.1");
  }

  @Test
  void writesNoNotesOverThoseOfAnotherPerson() throws Exception {
    write(Sightings.session("10.0.0.1", NOW, TLS_1_0), Sightings.session("10.0.0.2", NOW, MODERN));
    DeviceNotes mine = DeviceNotes.NONE.with(Map.of("owner", "me"));
    DeviceNotes yours = DeviceNotes.NONE.with(Map.of("owner", "you"));
    assertThat(note("10.0.0.1", DeviceNotes.NONE, mine)).isEmpty();

    assertThat(
            inventory.write(
                List.of(
                    new NotesChange("10.0.0.9", DeviceNotes.NONE, yours),
                    new NotesChange("10.0.0.2", DeviceNotes.NONE, yours),
                    new NotesChange("10.0.0.1", DeviceNotes.NONE, yours))))
        .containsExactly("10.0.0.1", "10.0.0.9");
    assertThat(notes("10.0.0.1")).isEqualTo(mine);
    assertThat(notes("10.0.0.2")).isEqualTo(yours);
    assertThat(note("10.0.0.1", mine, yours)).isEmpty();
    assertThat(notes("10.0.0.1")).isEqualTo(yours);
  }

  private List<String> note(String address, DeviceNotes before, DeviceNotes after)
      throws SQLException {
    return inventory.write(List.of(new NotesChange(address, before, after)));
  }

  private DeviceNotes notes(String address) throws SQLException {
    return inventory.device(address).orElseThrow().device().notes();
  }

  @Test
  void oneInstanceSendsAReport() throws Exception {
    ReportTimes one = new ReportTimes(database);
    ReportTimes other = new ReportTimes(database);
    Instant again = NOW.plusSeconds(900);
    Instant week = NOW.plusSeconds(604_800);
    assertThat(one.take("printers", NOW.plusSeconds(1), NOW, again)).isFalse();
    assertThat(one.take("printers", NOW, NOW.plusSeconds(1), again)).isTrue();
    assertThat(other.take("printers", NOW, NOW.plusSeconds(2), again)).isFalse();
    assertThat(other.take("phones", NOW, NOW.plusSeconds(2), again)).isTrue();
    assertThat(other.take("printers", NOW, again, again.plusSeconds(900))).isTrue();
    other.sent("printers", week);
    assertThat(one.take("printers", NOW, again.plusSeconds(901), week)).isFalse();
    assertThat(one.take("printers", NOW, week, week.plusSeconds(900))).isTrue();
  }

  @Test
  void anUnusedSessionDoesNotProveTrustInTheCa() throws Exception {
    write(
        Sightings.session("10.0.0.1", NOW, TLS_1_0),
        Sightings.failure("10.0.0.1", NOW, "device_closed_unused"));
    assertThat(inventory.device("10.0.0.1").orElseThrow().device().trust())
        .isEqualTo(DeviceRecord.Trust.UNKNOWN);

    write(Sightings.session("10.0.0.1", NOW.plusSeconds(1), TLS_1_0));
    assertThat(inventory.device("10.0.0.1").orElseThrow().device().trust())
        .isEqualTo(DeviceRecord.Trust.YES);
  }

  @Test
  void readsTheWholeHistoryOfADevice() throws Exception {
    write(Sightings.session("10.0.0.1", NOW.minus(Duration.ofDays(1)), TLS_1_0));
    write(
        Sightings.session("10.0.0.1", NOW, MODERN),
        Sightings.failure("10.0.0.1", NOW.plusSeconds(1), "certificate_rejected"));

    DeviceHistory history = inventory.device("10.0.0.1").orElseThrow();
    DeviceRecord device = history.device();
    assertThat(device.verdict()).isEqualTo(Verdict.TOO_OLD);
    assertThat(device.verdictText()).isEqualTo("needs upgrade: TLS 1.0 only");
    assertThat(device.sessions()).isEqualTo(3);
    assertThat(device.legacyHandshakes()).isEqualTo(1);
    assertThat(device.modernHandshakes()).isEqualTo(1);
    assertThat(device.failures()).isEqualTo(1);
    assertThat(device.bytesUp()).isEqualTo(30);
    assertThat(device.worstVersion()).isEqualTo("TLSv1");
    assertThat(device.latestVersion()).isEqualTo("TLSv1.3");
    assertThat(device.ja4()).isEqualTo("t13d");
    assertThat(device.serverName()).isEqualTo("t13d.example");
    assertThat(device.latestFailure()).isEqualTo("certificate_rejected");
    assertThat(device.latestFailureAt()).isEqualTo(NOW.plusSeconds(1));
    assertThat(device.trust()).isEqualTo(DeviceRecord.Trust.NO);
    assertThat(device.firstSeen()).isEqualTo(NOW.minus(Duration.ofDays(1)));
    assertThat(device.lastSeen()).isEqualTo(NOW.plusSeconds(1));
    assertThat(device.listeners()).containsExactly("web");
    assertThat(device.waysIn()).containsExactly("http-connect");
    assertThat(device.destinations()).containsExactly("origin.example:443");
    assertThat(history.days()).extracting(DeviceHistory.Day::sessions).containsExactly(2L, 1L);
    assertThat(history.days())
        .extracting(DeviceHistory.Day::worstVersion)
        .containsExactly("TLSv1.3", "TLSv1");
    assertThat(history.facts())
        .filteredOn(fact -> fact.kind() == FactKind.VERSION)
        .extracting(DeviceHistory.Fact::value)
        .containsExactly("TLSv1.3", "TLSv1");
    assertThat(inventory.device("10.0.0.2")).isEmpty();
  }

  @Test
  void readsTheKeyExchangesOfADeviceWithItsOrigins() throws Exception {
    HostPort mail = new HostPort("smtp.example", 587);
    HostPort web = new HostPort("web.example", 443);
    write(
        Sightings.keyExchange("10.0.0.1", NOW.minusSeconds(9), mail, "x25519"),
        Sightings.keyExchange("10.0.0.1", NOW, mail, "X25519MLKEM768"),
        Sightings.keyExchange("10.0.0.1", NOW.minusSeconds(5), web, "secp256r1"));
    assertThat(inventory.device("10.0.0.1").orElseThrow().facts())
        .filteredOn(fact -> fact.kind() == FactKind.KEY_EXCHANGE)
        .extracting(DeviceHistory.Fact::value)
        .containsExactly(
            "smtp.example:587 X25519MLKEM768",
            "web.example:443 secp256r1",
            "smtp.example:587 x25519");
  }

  @Test
  void readsNeedsByListener() throws Exception {
    Instant before = NOW.minus(Duration.ofDays(2));
    write(
        Sightings.session("10.0.0.2", before, TLS_1_0),
        Sightings.session("10.0.0.2", NOW, TLS_1_0),
        Sightings.session("10.0.0.1", NOW, MODERN),
        Sightings.sighting("10.0.0.2", before, "mail", true, null, null, true, "", ""));

    List<ListenerNeed> needs = new ArrayList<>();
    inventory.needs(new NeedFilter(before, Optional.empty(), Optional.empty()), needs::add);
    assertThat(needs)
        .filteredOn(need -> need.address().equals("10.0.0.2"))
        .containsExactlyInAnyOrder(
            new ListenerNeed("10.0.0.2", "web", Need.TOO_OLD, before, NOW, 2),
            new ListenerNeed("10.0.0.2", "mail", Need.NO_ENCRYPTION, before, before, 1));
    needs.clear();
    inventory.needs(new NeedFilter(NOW, Optional.of("mail"), Optional.empty()), needs::add);
    assertThat(needs).isEmpty();

    List<ListenerUse> uses = new ArrayList<>();
    Cidr first = Cidr.parse("10.0.0.0/31");
    inventory.uses(new NeedFilter(NOW, Optional.of("web"), Optional.of(first)), uses::add);
    assertThat(uses).containsExactly(new ListenerUse("10.0.0.1", "web"));
    NeedFilter noneOfIpv4 =
        new NeedFilter(before, Optional.empty(), Optional.of(Cidr.parse("::/0")));
    inventory.needs(noneOfIpv4, needs::add);
    assertThat(needs).isEmpty();
    uses.clear();
    inventory.uses(noneOfIpv4, uses::add);
    assertThat(uses).isEmpty();
    assertThat(inventory.devices(List.of("10.0.0.2", "10.0.0.77")))
        .singleElement()
        .satisfies(device -> assertThat(device.verdict()).isEqualTo(Verdict.NO_ENCRYPTION));
  }

  @Test
  void groupsDevicesByVerdictVersionAndTrust() throws Exception {
    write(
        Sightings.session("10.0.0.1", NOW, TLS_1_0),
        Sightings.session("10.0.0.2", NOW, TLS_1_0),
        Sightings.sighting(
            "10.0.0.2", NOW, "web", true, TLS_1_0, null, false, "", Failures.DISTRUST),
        Sightings.sighting(
            "10.0.0.3", NOW, "web", true, TLS_1_0, null, false, "", Failures.DISTRUST),
        Sightings.sighting(
            "10.0.0.3",
            NOW.plusSeconds(1),
            "web",
            true,
            null,
            null,
            false,
            "",
            Failures.LEFT_UNUSED),
        Sightings.session("10.0.0.4", NOW, MODERN));
    assertThat(inventory.groups(DeviceFilter.ALL))
        .containsExactlyInAnyOrder(
            new DeviceGroup(Verdict.TOO_OLD, Optional.of(TlsVersion.TLS_1_0), false, 2),
            new DeviceGroup(Verdict.TOO_OLD, Optional.of(TlsVersion.TLS_1_0), true, 1),
            new DeviceGroup(Verdict.READY, Optional.empty(), false, 1));
    assertThat(addresses(DeviceFilter.ALL.refusingCa())).containsExactly("10.0.0.2");
    assertThat(addresses(DeviceFilter.ALL.offering(TlsVersion.TLS_1_0)))
        .containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3");
    assertThat(addresses(DeviceFilter.ALL.offering(TlsVersion.SSL_3))).isEmpty();
    assertThat(inventory.device("10.0.0.2").orElseThrow().device())
        .satisfies(device -> assertThat(device.isRefusingCa()).isTrue())
        .satisfies(device -> assertThat(device.tooOld()).isEqualTo(TlsVersion.TLS_1_0));
  }

  private List<String> addresses(DeviceFilter filter) throws Exception {
    return inventory
        .devices(new DeviceQuery(filter, DeviceSort.ADDRESS, false, 0, 10))
        .devices()
        .stream()
        .map(DeviceRecord::address)
        .toList();
  }

  @Test
  void needsAreCountedByListenerAndDay() throws Exception {
    Instant before = NOW.minus(Duration.ofDays(2));
    write(
        Sightings.session("10.0.0.1", before, TLS_1_0),
        Sightings.session("10.0.0.1", NOW, TLS_1_0),
        Sightings.sighting("10.0.0.1", NOW, "mail", true, TLS_1_0, null, false, "", ""),
        Sightings.sighting("10.0.0.2", NOW, "mail", true, null, null, true, "", ""));
    NeedFilter all = new NeedFilter(before, Optional.empty(), Optional.empty());
    Optional<TlsVersion> old = Optional.of(TlsVersion.TLS_1_0);
    assertThat(inventory.needCounts(all, false))
        .containsExactlyInAnyOrder(
            new NeedCount("", Need.TOO_OLD, old, 1),
            new NeedCount("", Need.NO_ENCRYPTION, Optional.empty(), 1));
    assertThat(inventory.needCounts(all, true))
        .containsExactlyInAnyOrder(
            new NeedCount("web", Need.TOO_OLD, old, 1),
            new NeedCount("mail", Need.TOO_OLD, old, 1),
            new NeedCount("mail", Need.NO_ENCRYPTION, Optional.empty(), 1));
    NeedFilter mail =
        new NeedFilter(before, Optional.of("mail"), Optional.of(Cidr.parse("10.0.0.2/32")));
    assertThat(inventory.needCounts(mail, true))
        .containsExactly(new NeedCount("mail", Need.NO_ENCRYPTION, Optional.empty(), 1));
    LocalDate today = LocalDate.ofInstant(NOW, ZoneOffset.UTC);
    assertThat(inventory.needsByDay(all))
        .containsExactly(new DayCount(today.minusDays(2), 1), new DayCount(today, 2));
    assertThat(inventory.needsByDay(mail)).containsExactly(new DayCount(today, 1));
    assertThat(addresses(DeviceFilter.ALL.needing(Need.TOO_OLD))).containsExactly("10.0.0.1");
    assertThat(addresses(DeviceFilter.ALL.needing(Need.NO_ENCRYPTION).at("web"))).isEmpty();
    assertThat(addresses(DeviceFilter.ALL.needing(Need.NO_ENCRYPTION).at("mail")))
        .containsExactly("10.0.0.2");
  }

  @Test
  void severalInstancesWatchTogether() throws Exception {
    LongAdder dropped = new LongAdder();
    for (int instance = 0; instance < 2; instance++) {
      Store own = new Store(database, 1000, 1000);
      SettableClock clock = new SettableClock(NOW.plusSeconds(instance * 10L));
      WatchRows notes = new WatchRows(Set.of("web"), dropped, clock);
      for (int minute = 1; minute <= 3; minute++) {
        dropped.increment();
        Delta delta = new Delta(1);
        delta.watched(notes.take());
        own.write(new Batch(minute, delta));
        clock.advance(Duration.ofSeconds(60));
      }
    }
    assertThat(inventory.watches(NOW))
        .containsExactly(new ListenerWatch("web", NOW, NOW.plusSeconds(130), 3 + 6));
    assertThat(inventory.watches(NOW.plus(Duration.ofDays(1))))
        .extracting(ListenerWatch::dropped)
        .containsExactly(0L);
  }

  @Test
  void listenersHaveTotalsOfStretchesAndDays() throws Exception {
    write(
        Sightings.session("10.0.0.1", NOW, TLS_1_0),
        Sightings.session("10.0.0.2", NOW.plusSeconds(299), MODERN),
        Sightings.session("10.0.0.2", NOW.plusSeconds(300), MODERN));
    assertThat(inventory.totals(Inventory.FINE, NOW, NOW.plusSeconds(600)))
        .extracting(
            ListenerTotal::start, ListenerTotal::legacyHandshakes, ListenerTotal::modernHandshakes)
        .containsExactly(tuple(NOW, 1L, 1L), tuple(NOW.plusSeconds(300), 0L, 1L));
    assertThat(inventory.totals(Inventory.DAY, NOW.minus(Inventory.DAY), NOW))
        .singleElement()
        .satisfies(day -> assertThat(day.sessions()).isEqualTo(3));
  }

  @Test
  void deletesExpiredRecords() throws Exception {
    Duration keep = Duration.ofDays(100);
    write(
        Sightings.session("10.0.0.1", NOW.minus(Duration.ofDays(101)), TLS_1_0),
        Sightings.session("10.0.0.2", NOW.minus(Duration.ofDays(101)), MODERN),
        Sightings.failure("10.0.0.2", NOW.minus(Duration.ofDays(101)), "no_route"),
        Sightings.session("10.0.0.2", NOW, TLS_1_0));

    assertThat(new Retention(database, keep, keep).deleteExpired(NOW)).isEqualTo(1);
    assertThat(number("SELECT count(*) FROM device_need")).isEqualTo(1);
    assertThat(addresses(DeviceFilter.ALL, DeviceSort.ADDRESS)).containsExactly("10.0.0.2");
    DeviceHistory left = inventory.device("10.0.0.2").orElseThrow();
    assertThat(left.device().sessions()).isEqualTo(3);
    assertThat(left.days()).hasSize(1);
    assertThat(left.facts())
        .filteredOn(fact -> fact.kind() == FactKind.VERSION)
        .extracting(DeviceHistory.Fact::value)
        .containsExactly("TLSv1");
    assertThat(number("SELECT count(*) FROM device_fact WHERE address = '10.0.0.1'")).isZero();
    assertThat(number("SELECT count(*) FROM device_day WHERE address = '10.0.0.1'")).isZero();
    assertThat(number("SELECT count(*) FROM device_origin WHERE address = '10.0.0.1'")).isZero();
    assertThat(number("SELECT count(*) FROM device_origin WHERE address = '10.0.0.2'")).isOne();
    assertThat(number("SELECT count(*) FROM listener_slot")).isEqualTo(2);
    new Retention(database, keep, keep).deleteExpired(NOW.plus(Duration.ofDays(4)));
    assertThat(inventory.totals(Inventory.FINE, NOW.minus(keep), NOW.plus(keep))).isEmpty();
    assertThat(inventory.totals(Inventory.DAY, NOW.minus(keep), NOW.plus(keep))).hasSize(1);
  }

  @Test
  void countsDevicesByFact() throws Exception {
    write(
        Sightings.failure("10.0.0.1", NOW, "certificate_rejected"),
        Sightings.failure("10.0.0.1", NOW.plusSeconds(5), "certificate_rejected"),
        Sightings.failure("10.0.0.2", NOW.plusSeconds(1), "certificate_rejected"),
        Sightings.failure("10.0.0.2", NOW, "closed"),
        Sightings.failure("10.0.0.3", NOW.minusSeconds(90), "no_route"));

    assertThat(inventory.counts(FactKind.FAILURE, NOW.minusSeconds(60)))
        .containsExactly(
            new FactCount("certificate_rejected", 2, NOW.plusSeconds(5)),
            new FactCount("closed", 1, NOW));
    assertThat(inventory.counts(FactKind.REPLY, Instant.EPOCH)).isEmpty();
    Set<String> both = Set.of("origin.example:443", "other.example:443");
    assertThat(inventory.devices(both, Set.of(), Instant.EPOCH)).isEqualTo(3);
    assertThat(inventory.devices(both, Set.of(), NOW)).isEqualTo(2);
    assertThat(inventory.devices(Set.of(), Set.of(), Instant.EPOCH)).isZero();
    assertThat(addresses(DeviceFilter.ALL.failedBy("closed"), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.2");
    assertThat(addresses(DeviceFilter.ALL.failedBy("lost"), DeviceSort.ADDRESS)).isEmpty();
    assertThat(addresses(DeviceFilter.ALL.searching("ORIGIN.ex"), DeviceSort.ADDRESS)).hasSize(3);
  }

  @Test
  void readsRowsThatANewerVersionHasStored() throws Exception {
    write(
        Sightings.session("10.0.0.1", NOW, Sightings.TLS_1_0),
        Sightings.refused("10.0.0.1", NOW, "mail", OriginReply.SMTP_AUTH_DISABLED));
    database.run(
        sql -> {
          sql.update("UPDATE device_fact SET kind = 'later' WHERE kind = 'version'");
          sql.update("UPDATE device_origin SET kind = 'later' WHERE kind = 'reply'");
          return sql.update("UPDATE device_need SET need = 'later'");
        });

    DeviceHistory device = inventory.device("10.0.0.1").orElseThrow();
    assertThat(device.facts()).extracting(DeviceHistory.Fact::kind).contains(FactKind.UNKNOWN);
    assertThat(device.device().problems())
        .extracting(DeviceProblem::kind)
        .containsExactly(FactKind.UNKNOWN);
    List<ListenerNeed> needs = new ArrayList<>();
    NeedFilter all = new NeedFilter(Instant.EPOCH, Optional.empty(), Optional.empty());
    inventory.needs(all, needs::add);
    assertThat(needs).extracting(ListenerNeed::need).containsExactly(Need.UNKNOWN);
    assertThat(inventory.needCounts(all, false))
        .extracting(NeedCount::need)
        .containsExactly(Need.UNKNOWN);
  }

  @Test
  void countsNoDeviceThatUsedOnlyExceptedListeners() throws Exception {
    write(
        Sightings.sighting("10.0.0.1", NOW, "mail", true, null, null, true, "", ""),
        Sightings.sighting("10.0.0.2", NOW, "mail", true, null, null, true, "", ""),
        Sightings.sighting("10.0.0.2", NOW, "web", true, null, null, true, "", ""),
        Sightings.sighting("10.0.0.3", NOW, "mail", true, null, null, true, "", ""),
        Sightings.sighting(
            "10.0.0.3", NOW.minusSeconds(90), "web", true, null, null, true, "", ""));
    Set<String> origin = Set.of("origin.example:443");

    assertThat(inventory.devices(origin, Set.of(), NOW)).isEqualTo(3);
    assertThat(inventory.devices(origin, Set.of("mail", "other"), NOW)).isOne();
    assertThat(inventory.devices(origin, Set.of("mail", "web"), NOW)).isZero();
  }

  @Test
  void selectsDevicesByTheReplyOfTheirOrigin() throws Exception {
    write(
        Sightings.session("10.0.0.1", NOW, MODERN),
        Sightings.refused("10.0.0.1", NOW, "scan", OriginReply.SEND_AS_DENIED),
        Sightings.refused("10.0.0.1", NOW.plusSeconds(1), "scan", OriginReply.BAD_CREDENTIALS),
        Sightings.session("10.0.0.2", NOW, MODERN));

    assertThat(addresses(DeviceFilter.ALL.failedBy("535 5.7.3"), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.1");
    DeviceFilter reply = DeviceFilter.ALL.narrowed("reply", "535 5.7.3");
    assertThat(addresses(reply, DeviceSort.ADDRESS)).containsExactly("10.0.0.1");
    assertThat(addresses(reply.narrowed("ended", "no"), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.1");
    assertThat(addresses(DeviceFilter.ALL.narrowed("ended", "no"), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.1");
    assertThat(addresses(DeviceFilter.ALL.narrowed("reply", "250"), DeviceSort.ADDRESS)).isEmpty();
    assertThat(addresses(DeviceFilter.ALL.failedBy("550 5.7.60"), DeviceSort.ADDRESS))
        .containsExactly("10.0.0.1");
    DeviceRecord refused = inventory.device("10.0.0.1").orElseThrow().device();
    DeviceProblem latest =
        new DeviceProblem(
            FactKind.REPLY, "535 5.7.3", "origin.example:587", NOW.plusSeconds(1), false);
    assertThat(refused.refusal()).contains(latest);
    assertThat(refused.problems())
        .containsExactly(
            latest,
            new DeviceProblem(FactKind.REPLY, "550 5.7.60", "origin.example:587", NOW, false));
    DeviceRecord served = inventory.device("10.0.0.2").orElseThrow().device();
    assertThat(served.refusal()).isEmpty();
    assertThat(served.problems()).isEmpty();
  }

  @Test
  void endsProblemsWithTheNextSuccess() throws Exception {
    Instant later = NOW.plusSeconds(60);
    write(
        Sightings.failure("10.0.0.1", NOW, "no_shared_version"),
        Sightings.failure("10.0.0.2", NOW, "no_shared_version"),
        Sightings.session("10.0.0.2", later, MODERN),
        Sightings.session("10.0.0.3", NOW.minusSeconds(1), MODERN),
        Sightings.failure("10.0.0.3", NOW, "no_shared_version"),
        Sightings.failure("10.0.0.4", NOW, "origin_unreachable"),
        Sightings.session("10.0.0.4", later, MODERN));
    write(
        Sightings.refused("10.0.0.1", NOW, "scan", OriginReply.BAD_CREDENTIALS),
        Sightings.refused("10.0.0.1", NOW, "scan", OriginReply.LOGIN_FAILED),
        Sightings.refused("10.0.0.2", NOW, "scan", OriginReply.BAD_CREDENTIALS));
    write(
        Sightings.succeeded("10.0.0.1", later, MAIL, Success.MESSAGE),
        Sightings.succeeded("10.0.0.2", NOW.minusSeconds(1), MAIL, Success.MESSAGE));

    assertThat(inventory.openProblems(FactKind.FAILURE, NOW))
        .as("a handshake ends a failed one, but not an origin that cannot be reached")
        .containsExactly(
            new FactCount("no_shared_version", 2, NOW),
            new FactCount("origin_unreachable", 1, NOW));
    assertThat(inventory.openProblems(FactKind.REPLY, NOW))
        .as("an accepted message ends a refusal by SMTP, but not by IMAP")
        .containsExactly(new FactCount("535 5.7.3", 1, NOW), new FactCount("login failed", 1, NOW));
    assertThat(inventory.openProblems(FactKind.FAILURE, later)).isEmpty();
    assertThat(inventory.origins(FactKind.FAILURE, "no_shared_version", NOW))
        .containsExactly(new FactCount("origin.example:443", 2, NOW));
    assertThat(inventory.origins(FactKind.FAILURE, "no_shared_version", later)).isEmpty();
    assertThat(inventory.origins(FactKind.FAILURE, "no_route", NOW)).isEmpty();
  }

  private static final HostPort MAIL = new HostPort("origin.example", 587);
  private static final HostPort OTHER = new HostPort("other.example", 993);

  private final SightingQueue queue = new SightingQueue(new LongAdder());
  private final SettableClock time = new SettableClock(NOW);

  /** What sessions of one device report, written as a daemon does. */
  private void session(
      @Nullable HostPort origin, CloseReason reason, Consumer<SessionObserver> events)
      throws SQLException {
    time.set(time.instant().plusSeconds(1));
    InetSocketAddress device = new InetSocketAddress(Sightings.address("10.0.0.1"), 5000);
    SessionObserver session =
        new InventoryObserver(queue, time).sessionOpened(new SessionId(1), "web", device);
    if (origin != null) {
      session.negotiated(origin);
    }
    events.accept(session);
    boolean relayed = reason == CloseReason.DEVICE_CLOSED;
    session.closed(
        new SessionSummary(
            new SessionId(1),
            "web",
            device,
            NOW,
            Duration.ZERO,
            origin,
            null,
            Action.BRIDGE,
            reason,
            "",
            null,
            null,
            null,
            relayed ? 10 : 0,
            relayed ? 100 : 0));
    write(store, Sightings.taken(queue));
  }

  private List<String> open(FactKind kind) throws SQLException {
    return inventory.openProblems(kind, NOW).stream().map(FactCount::value).toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"IMAP", "POP3"})
  void refusedSignInEndsWithTheNextAcceptedOneAtTheSameOrigin(MailProtocol protocol)
      throws Exception {
    session(
        MAIL,
        CloseReason.DEVICE_CLOSED,
        session -> session.originReplied(protocol, OriginReply.LOGIN_FAILED));
    assertThat(open(FactKind.REPLY)).containsExactly("login failed");
    session(OTHER, CloseReason.DEVICE_CLOSED, SessionObserver::deviceSignInAccepted);
    session(MAIL, CloseReason.DEVICE_CLOSED, session -> session.plaintextAccepted(protocol));
    assertThat(open(FactKind.REPLY))
        .as("neither a sign-in elsewhere nor a session without one ends it")
        .containsExactly("login failed");
    assertThat(inventory.origins(FactKind.REPLY, "login failed", NOW))
        .extracting(FactCount::value)
        .containsExactly("origin.example:587");
    session(MAIL, CloseReason.DEVICE_CLOSED, SessionObserver::deviceSignInAccepted);
    assertThat(open(FactKind.REPLY)).isEmpty();
    assertThat(inventory.device("10.0.0.1").orElseThrow().device().problems())
        .extracting(DeviceProblem::ended)
        .containsExactly(true);
    assertThat(addresses(DeviceFilter.ALL.failedBy("login failed"), DeviceSort.ADDRESS)).hasSize(1);
  }

  @Test
  void unreachableOriginIsAProblemUntilASessionReachesIt() throws Exception {
    session(MAIL, CloseReason.ORIGIN_UNREACHABLE, session -> session.introduced("printer"));
    session(OTHER, CloseReason.DEVICE_CLOSED, session -> session.introduced("printer"));
    assertThat(open(FactKind.FAILURE)).containsExactly("origin_unreachable");
    DeviceFilter still =
        DeviceFilter.ALL.narrowed("problem", "origin_unreachable").narrowed("ended", "no");
    assertThat(addresses(still, DeviceSort.ADDRESS)).containsExactly("10.0.0.1");
    session(MAIL, CloseReason.DEVICE_CLOSED, session -> session.introduced("printer"));
    assertThat(open(FactKind.FAILURE)).isEmpty();
    assertThat(addresses(still, DeviceSort.ADDRESS)).isEmpty();
    session(MAIL, CloseReason.ORIGIN_UNREACHABLE, session -> session.introduced("printer"));
    assertThat(open(FactKind.FAILURE)).containsExactly("origin_unreachable");
  }

  @Test
  void aSuccessIsNotForgottenIfItIsWrittenBeforeTheProblem() throws Exception {
    write(Sightings.succeeded("10.0.0.1", NOW.plusSeconds(5), MAIL, Success.MESSAGE));
    write(Sightings.refused("10.0.0.1", NOW, "scan", OriginReply.BAD_CREDENTIALS));
    assertThat(open(FactKind.REPLY)).isEmpty();
  }

  @Test
  void problemWithoutAnOriginEndsWithAnySuccess() throws Exception {
    session(null, CloseReason.NEGOTIATION_TIMEOUT, session -> {});
    assertThat(open(FactKind.FAILURE)).containsExactly("negotiation_timeout");
    assertThat(inventory.origins(FactKind.FAILURE, "negotiation_timeout", NOW)).isEmpty();
    session(OTHER, CloseReason.DEVICE_CLOSED, session -> session.introduced("printer"));
    assertThat(open(FactKind.FAILURE)).isEmpty();
  }

  @Test
  void boundsOriginsOfADeviceAndPrefersThoseWithProblems() throws Exception {
    List<Sighting> many = new ArrayList<>();
    many.add(Sightings.refused("10.0.0.1", NOW, "scan", OriginReply.BAD_CREDENTIALS));
    for (int i = 1; i < 50; i++) {
      HostPort origin = new HostPort("o" + i + ".example", 443);
      many.add(Sightings.succeeded("10.0.0.1", NOW.plusSeconds(i), origin, Success.values()));
    }
    String count = "SELECT count(DISTINCT origin) FROM device_origin WHERE address = '10.0.0.1'";
    write(store, many);
    assertThat(number(count)).isEqualTo(FactKind.MAX_VALUES);
    for (Sighting one : many.subList(1, 20)) {
      write(one);
    }
    assertThat(number(count)).isEqualTo(FactKind.MAX_VALUES);
    assertThat(open(FactKind.REPLY)).containsExactly("535 5.7.3");
    assertThat(number("SELECT count(*) FROM device_origin WHERE origin = 'o49.example:443'"))
        .isEqualTo(Success.values().length);
    assertThat(number("SELECT count(*) FROM device_origin WHERE origin = 'o1.example:443'"))
        .isZero();
  }

  /** Generous, for machines that build at the same time; the promise is 200 ms. */
  @Test
  void aPageOfTenThousandDevicesComesAtOnce() throws Exception {
    List<Sighting> many = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      String ip = "10.2." + i / 250 + "." + i % 250;
      many.add(
          Sightings.session(
              ip,
              NOW.minusSeconds(i * 60L),
              i % 3 == 0 ? TLS_1_0 : i % 3 == 1 ? MODERN : STATIC_RSA));
    }
    Delta delta = new Delta(20_000);
    many.forEach(delta::add);
    new Store(database, 100_000, 1000).write(new Batch(1, delta));

    DeviceQuery query =
        new DeviceQuery(
            DeviceFilter.ALL
                .searching("10.2.")
                .with(List.of(Verdict.TOO_OLD, Verdict.ONLY_TLS_RSA))
                .in(Cidr.parse("10.2.0.0/16"))
                .at("web"),
            DeviceSort.VERDICT,
            true,
            3000,
            100);
    // The first may take longer, and so may others on a busy machine.
    await()
        .untilAsserted(
            () -> {
              long start = System.nanoTime();
              DevicePage page = inventory.devices(query);
              Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
              assertThat(page.devices()).hasSize(100);
              assertThat(page.total()).isCloseTo(6_667L, within(1L));
              assertThat(elapsed).isLessThan(Duration.ofMillis(400));
            });
  }

  @Test
  void aListHasEachDeviceOnceEvenIfTheOrderChangesMeanwhile() throws Exception {
    int devices = DeviceList.AT_ONCE + 100;
    write(store, comingBack(devices, 0));
    int later = 0;
    for (DeviceSort sort : List.of(DeviceSort.ADDRESS, DeviceSort.LAST_SEEN, DeviceSort.SESSIONS)) {
      List<String> before = addresses(DeviceFilter.ALL, sort);
      DeviceList list = inventory.list(DeviceFilter.ALL, sort, false);
      List<String> read = new ArrayList<>();
      int change = later += 1000;
      list.forEach(
          device -> {
            if (read.size() % DeviceList.AT_ONCE == 0) {
              moveAll(devices, change + read.size());
            }
            read.add(device.address());
          });
      assertThat(read).as(sort.label()).hasSize(list.size()).doesNotHaveDuplicates();
      assertThat(list.size()).isEqualTo(later == 1000 ? devices : devices + 1);
      assertThat(read).isEqualTo(before);
    }
    assertThat(inventory.device("10.9.9.9")).isPresent();
  }

  @Test
  void aListIsReadFromAnyOffsetAndOmitsDeletedDevices() throws Exception {
    int devices = DeviceList.AT_ONCE + 100;
    write(store, comingBack(devices, 0));
    DeviceList list =
        inventory.list(DeviceFilter.ALL.in(Cidr.parse("10.3.0.0/16")), DeviceSort.ADDRESS, true);
    List<String> read = new ArrayList<>();
    list.forEach(DeviceList.AT_ONCE - 2, 4, device -> read.add(device.address()));
    assertThat(read).containsExactly("10.3.0.101", "10.3.0.100", "10.3.0.99", "10.3.0.98");
    list.forEach(devices, 1, device -> read.add("none"));
    new Retention(database, Duration.ofDays(1), Duration.ofDays(1))
        .deleteExpired(NOW.plus(Duration.ofDays(900)));
    list.forEach(device -> read.add("none"));
    assertThat(read).hasSize(4);
  }

  private static List<Sighting> comingBack(int devices, int later) {
    List<Sighting> all = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      int order = (i * 7919 + later) % devices;
      for (int session = 0; session <= order % 3; session++) {
        all.add(
            Sightings.session(
                "10.3." + i / 250 + "." + i % 250,
                NOW.plusSeconds(later + order),
                order % 2 == 0 ? TLS_1_0 : MODERN));
      }
    }
    return all;
  }

  /** What another thread of the daemon would do meanwhile. */
  private void moveAll(int devices, int later) {
    List<Sighting> sightings = comingBack(devices, later);
    sightings.add(Sightings.session("10.9.9.9", NOW.plusSeconds(later), TLS_1_0));
    try {
      write(store, sightings);
    } catch (SQLException failed) {
      throw new AssertionError(failed);
    }
  }

  private static DeviceQuery query(DeviceFilter filter, DeviceSort sort) {
    return new DeviceQuery(filter, sort, false, 0, DeviceQuery.MAX_LIMIT);
  }

  private List<String> addresses(DeviceFilter filter, DeviceSort sort) throws SQLException {
    return inventory.devices(query(filter, sort)).devices().stream()
        .map(DeviceRecord::address)
        .toList();
  }

  private long number(String query) throws SQLException {
    return database.run(sql -> sql.number(query));
  }

  /** All rows as texts, which are deleted then. */
  private List<String> emptied() throws SQLException {
    List<String> rows = new ArrayList<>();
    database.run(
        sql -> {
          for (String table : TABLES) {
            sql.each(
                "SELECT * FROM " + table, row -> rows.add(table + Arrays.toString(texts(row))));
            sql.update("DELETE FROM " + table);
          }
          return sql;
        });
    Collections.sort(rows);
    return rows;
  }

  private static Object[] texts(ResultSet row) throws SQLException {
    Object[] texts = new Object[row.getMetaData().getColumnCount()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = row.getString(i + 1);
    }
    return texts;
  }
}
