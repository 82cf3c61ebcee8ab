package org.tlsuplift.server.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.microsoft365.ListRefresher;
import org.tlsuplift.server.microsoft365.ListStore;
import org.tlsuplift.server.microsoft365.PublishedList;
import org.tlsuplift.server.testing.platform.EndpointService;
import org.tlsuplift.server.testing.platform.EndpointService.Fault;

/** When the endpoint list is checked, and what becomes of a newer one. */
@Timeout(300)
class EndpointListWatchTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final String NEWER = "2026112700";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path data;

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger(EndpointListWatch.class);
  private final EndpointService service =
      EndpointService.start().publish("2026081400", EndpointService.bundled());
  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-27T10:00:00Z"));
  private final List<PublishedList> applied = new ArrayList<>();

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
  }

  @AfterEach
  void close() {
    log.detachAppender(lines);
    service.close();
  }

  private ListStore store() {
    return new ListStore(data, Cloud.WORLDWIDE);
  }

  /** A watch whose checks come half of the jitter later. */
  private EndpointListWatch watch(@Nullable Duration interval) {
    return new EndpointListWatch(
        true,
        store().current(),
        store(),
        new ListRefresher(service::connect, store(), clock),
        interval,
        applied::add,
        clock,
        () -> 0.5);
  }

  /** As another process does. */
  private void storeAList(String version, String endpoints) throws IOException {
    Files.createDirectories(store().file().getParent());
    Files.writeString(
        store().file(),
        "{\"instance\":\"Worldwide\",\"version\":\"%s\",\"fetched\":\"%s\",\"endpoints\":%s}"
            .formatted(version, clock.instant(), endpoints));
  }

  private List<String> warnings() {
    return lines.list.stream()
        .filter(line -> line.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void checksAtOnceAndThenEachHourAndSomeMinutes() {
    EndpointListWatch watch = watch(HOUR);
    watch.look();
    watch.look();
    assertThat(service.asked()).containsExactly("version");

    clock.advance(Duration.ofMinutes(63).minusSeconds(1));
    watch.look();
    assertThat(service.asked()).hasSize(1);
    clock.advance(Duration.ofSeconds(1));
    watch.look();
    assertThat(service.asked()).containsExactly("version", "version");
  }

  @Test
  void aRestartDoesNotCheckEarlier() {
    watch(HOUR).look();

    watch(HOUR).look();

    assertThat(service.asked()).hasSize(1);
  }

  @Test
  void checksAlthoughTheClockWasSetBack() {
    watch(HOUR).look();
    clock.advance(Duration.ofDays(-400));

    watch(HOUR).look();

    assertThat(service.asked()).hasSize(2);
  }

  @Test
  void appliesANewerListAndNamesTheChanges() {
    EndpointListWatch watch = watch(HOUR);
    assertThat(watch.age()).isGreaterThan(Duration.ofDays(100));
    service.publish(
        NEWER, EndpointService.bundledWith("new.example").replace("\"sway.com\",\n", ""));

    watch.look();

    assertThat(applied)
        .singleElement()
        .satisfies(list -> assertThat(list.version()).hasToString(NEWER));
    assertThat(watch.current()).isEqualTo(applied.get(0));
    assertThat(watch.age()).isZero();
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "endpoint list 2026112700 of Microsoft 365 replaces 2026081400: names added new.example; removed sway.com",
            "the list 'microsoft365' of routes: added new.example:80,443; removed none");
  }

  @Test
  void appliesAListThatAnotherProcessStored() throws Exception {
    EndpointListWatch watch = watch(null);
    watch.look();
    assertThat(applied).isEmpty();

    storeAList(NEWER, EndpointService.bundledWith("new.example"));
    watch.look();
    watch.look();

    assertThat(applied).hasSize(1);
    assertThat(service.requests()).isEmpty();
  }

  @Test
  void ignoresAStoredListThatIsOlder() throws Exception {
    EndpointListWatch watch = watch(null);
    storeAList("2026081399", EndpointService.bundledWith("old.example"));

    watch.look();

    assertThat(applied).isEmpty();
    assertThat(warnings()).isEmpty();
  }

  @Test
  void keepsItsListWhenTheStoredOneIsBroken() throws Exception {
    EndpointListWatch watch = watch(null);
    storeAList(NEWER, "[{\"id\":");

    watch.look();
    watch.look();

    assertThat(applied).isEmpty();
    assertThat(warnings())
        .singleElement()
        .asString()
        .contains("the stored endpoint list cannot be read (it is not the expected JSON")
        .endsWith("2026081400 (bundled) stays in use");
  }

  @Test
  void reportsAFailureOnceADayAndItsEnd() {
    EndpointListWatch watch = watch(HOUR);
    service.suffer(Fault.DOWN);
    for (int hour = 0; hour < 20; hour++) {
      watch.look();
      clock.advance(Duration.ofMinutes(70));
    }
    assertThat(service.asked()).hasSize(20);
    assertThat(warnings())
        .hasSize(1)
        .first()
        .asString()
        .startsWith("the endpoint list was not refreshed: https://localhost:")
        .endsWith("/version/Worldwide responded 503; 2026081400 (bundled) stays in use");
    clock.advance(Duration.ofHours(4));
    watch.look();
    assertThat(warnings()).hasSize(2);

    service.suffer(Fault.NONE);
    clock.advance(Duration.ofHours(2));
    watch.look();
    assertThat(lines.list)
        .filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.INFO))
        .last()
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEqualTo("the endpoint list can be refreshed again");
    assertThat(watch.age()).isZero();
    clock.advance(Duration.ofMinutes(5));
    assertThat(watch.age()).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void isSilentForAnHourAfterTooManyRequests() {
    EndpointListWatch watch = watch(HOUR);
    service.publish(NEWER, EndpointService.bundled());
    service.suffer(Fault.NO_MORE_LISTS);
    watch.look();
    assertThat(service.asked()).containsExactly("version", "endpoints");
    service.suffer(Fault.NONE);

    clock.advance(Duration.ofMinutes(59));
    watch.look();
    assertThat(service.asked()).hasSize(2);
    clock.advance(Duration.ofMinutes(4));
    watch.look();
    assertThat(applied).hasSize(1);
  }

  @Test
  void noticesThatAnotherProcessFoundItsListToBeTheLatest() {
    EndpointListWatch watch = watch(null);
    watch.look();
    assertThat(watch.age()).isGreaterThan(Duration.ofDays(100));

    var unused =
        new ListRefresher(service::connect, store(), clock).refresh(watch.current(), false);
    watch.look();

    assertThat(watch.age()).isZero();
  }

  @Test
  void triesOnceAMinuteWhileNothingCanBeStored() throws Exception {
    EndpointListWatch watch = watch(HOUR);
    Path place = data.resolve("endpoints");
    Files.writeString(place, "a file in place of the directory");
    for (int second = 0; second < 60; second++) {
      watch.look();
      clock.advance(Duration.ofSeconds(1));
    }
    Files.delete(place);
    assertThat(warnings()).singleElement().asString().contains("cannot be stored");
    assertThat(service.requests()).isEmpty();

    watch.look();

    assertThat(service.asked()).containsExactly("version");
  }

  @Test
  void aRefusalLastsAnHourAlthoughTheClockWasSetBack() {
    service.suffer(Fault.NO_MORE_VERSIONS);
    watch(HOUR).look();
    service.suffer(Fault.NONE);
    clock.advance(Duration.ofDays(-400));

    watch(HOUR).look();

    assertThat(service.asked()).hasSize(2);
  }

  @Test
  void doesNothingWhereNoRouteUsesTheList() {
    EndpointListWatch unused =
        new EndpointListWatch(
            false,
            store().current(),
            store(),
            new ListRefresher(service::connect, store(), clock),
            HOUR,
            applied::add,
            clock,
            () -> 0.5);
    try (Schedule schedule = new Schedule()) {
      unused.start(schedule);
    }

    assertThat(unused.isUsed()).isFalse();
    assertThat(lines.list).isEmpty();
  }
}
