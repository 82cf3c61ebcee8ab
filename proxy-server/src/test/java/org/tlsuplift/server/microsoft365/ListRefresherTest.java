package org.tlsuplift.server.microsoft365;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.server.testing.platform.EndpointService;
import org.tlsuplift.server.testing.platform.EndpointService.Fault;
import org.tlsuplift.server.testing.platform.PlatformCertificate;
import org.tlsuplift.server.testing.platform.PlatformRequest;

/** The list is refreshed from a copy of the web service. */
@Timeout(300)
class ListRefresherTest {
  private static final PublishedList BUNDLED = PublishedList.bundled(Cloud.WORLDWIDE);
  private static final String NEWER = "2026112700";

  private final EndpointService service =
      EndpointService.start().publish("2026081400", EndpointService.bundled());
  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-27T10:00:00Z"));
  private OriginTrust trust = OriginTrust.of(List.of(service.certificate()));
  private Duration limit = Duration.ofSeconds(20);
  private String path = "";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path data;

  @AfterEach
  void close() {
    service.close();
  }

  private ListStore store() {
    return new ListStore(data, Cloud.WORLDWIDE);
  }

  private ListRefresher refresher() {
    return new ListRefresher(this::open, store(), clock);
  }

  private ListService open() {
    return service.connect(path, trust, limit);
  }

  private RefreshResult refresh() {
    return refresher().refresh(store().current(), false);
  }

  private String failure() {
    RefreshResult result = refresh();
    assertThat(result).isInstanceOf(RefreshResult.Failed.class);
    return ((RefreshResult.Failed) result).why();
  }

  @Test
  void fetchesOnlyTheVersionWhileItIsUnchanged() {
    assertThat(refresh()).isEqualTo(new RefreshResult.Unchanged());
    assertThat(refresh()).isEqualTo(new RefreshResult.Unchanged());

    assertThat(service.asked()).containsExactly("version", "version");
    assertThat(store().file()).doesNotExist();
    assertThat(store().state().currentAt(BUNDLED)).isEqualTo(clock.instant());
  }

  @Test
  void storesANewerListAndRecognisesIt() throws Exception {
    service.publish(NEWER, EndpointService.bundledWith("new.example"));

    assertThat(refresh())
        .asInstanceOf(type(RefreshResult.Replaced.class))
        .satisfies(replaced -> assertThat(replaced.list().version()).hasToString(NEWER));

    PublishedList stored = store().current();
    assertThat(stored.version()).hasToString(NEWER);
    assertThat(stored.fetched()).isEqualTo(clock.instant());
    assertThat(ListName.MICROSOFT365.select(stored).contains(new HostPort("new.example", 443)))
        .isTrue();
    assertThat(ListChanges.ofNames(BUNDLED, stored)).hasToString("added new.example; removed none");
    assertThat(refresh()).isEqualTo(new RefreshResult.Unchanged());
    assertThat(service.asked()).containsExactly("version", "endpoints", "version");
  }

  @Test
  void sendsOneRandomIdWithEveryRequest() {
    service.publish(NEWER, EndpointService.bundled());

    refresh();
    refresh();

    assertThat(service.requests())
        .hasSize(3)
        .extracting(request -> UUID.fromString(request.get("clientrequestid")))
        .containsOnly(UUID.fromString(service.requests().get(0).get("clientrequestid")));
    assertThat(service.requests())
        .extracting(PlatformRequest::path)
        .containsExactly("/version/Worldwide", "/endpoints/Worldwide", "/version/Worldwide");
  }

  @Test
  void asksAMirrorWithAPath() {
    path = "/m365";

    assertThat(failure()).contains("/m365/version/Worldwide");
    assertThat(service.requests())
        .singleElement()
        .extracting(PlatformRequest::path)
        .isEqualTo("/m365/version/Worldwide");
  }

  @Test
  void refusesAnOlderListAndDoesNotFetchIt() {
    service.publish("2022072800", EndpointService.bundled());

    assertThat(failure())
        .isEqualTo(
            "the web service has version 2022072800, which is older than 2026081400 in use; check microsoft365.url");
    assertThat(service.asked()).containsExactly("version");
    assertThat(store().current()).isEqualTo(BUNDLED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"id\": 1, \"serviceArea\"",
        "{\"message\": \"there is no list\"}",
        "<html>sign in to the network</html>",
        "[]",
        ""
      })
  void refusesAListThatCannotBeRead(String json) {
    service.publish(NEWER, json);

    assertThat(failure())
        .startsWith("version 2026112700 is not a list of endpoints: ")
        .endsWith("check microsoft365.url, and that no proxy changes the response");
    assertThat(store().current()).isEqualTo(BUNDLED);
    assertThat(store().state().currentAt(BUNDLED)).isEqualTo("2026-08-14T00:00:00Z");
  }

  @Test
  void refusesAListThatLostMoreThanAQuarterUnlessItIsAccepted() {
    String small =
        "[{\"id\": 1, \"serviceArea\": \"Exchange\", \"required\": true, \"tcpPorts\": \"443\", \"urls\": [\"outlook.office365.com\"]}]";
    service.publish(NEWER, small);

    assertThat(failure())
        .isEqualTo(
            "version 2026112700 lacks 62 of 63 endpoint sets; compare with 'tls-uplift endpoints diff', and accept it with 'tls-uplift endpoints refresh --accept-loss'");
    assertThat(store().current()).isEqualTo(BUNDLED);

    assertThat(refresher().refresh(BUNDLED, true)).isInstanceOf(RefreshResult.Replaced.class);
    assertThat(store().current().version()).hasToString(NEWER);
  }

  /** The number of sets stays, and the sign-in is gone. */
  @Test
  void refusesAListWithoutMostDestinations() {
    service.publish(
        NEWER,
        EndpointService.bundled()
            .replaceAll("\"[a-z0-9.*-]*microsoftonline(-p)?\\.(com|net)\",?", "")
            .replaceAll("\"[a-z0-9.*-]*\\.(msauth|msftauth)[a-z]*\\.net\",?", "")
            .replaceAll(",(\\s*])", "$1"));

    assertThat(failure()).contains(" destinations of 'microsoft365'; ");
  }

  @ParameterizedTest
  @CsvSource({
    "NO_MORE_VERSIONS, version",
    "NO_MORE_LISTS, endpoints",
  })
  void waitsAnHourAfterTooManyRequests(Fault fault, String last) {
    service.publish(NEWER, EndpointService.bundled());
    service.suffer(fault);

    assertThat(failure())
        .contains("/" + last + "/Worldwide responded 429 (too many requests)")
        .endsWith("the next request is sent after 2026-11-27T11:00:00Z");
    int asked = service.requests().size();
    service.suffer(Fault.NONE);
    clock.set(Instant.parse("2026-11-27T10:59:59Z"));
    assertThat(refresh())
        .isEqualTo(new RefreshResult.Waiting(Instant.parse("2026-11-27T11:00:00Z")));
    assertThat(service.requests()).hasSize(asked);

    clock.set(Instant.parse("2026-11-27T11:00:00Z"));
    assertThat(refresh()).isInstanceOf(RefreshResult.Replaced.class);
  }

  @Test
  void givesUpOnAServiceThatHangs() {
    limit = Duration.ofMillis(300);
    service.suffer(Fault.HANGS);

    assertThat(failure())
        .contains("has not responded within 0 s; check with: tls-uplift probe localhost:");
  }

  @ParameterizedTest
  @CsvSource({"DOWN, responded 503", "CUTS_OFF, the connection was closed during the response"})
  void keepsTheListWhenTheServiceFails(Fault fault, String why) {
    service.suffer(fault);

    assertThat(failure()).contains(why);
    assertThat(store().current()).isEqualTo(BUNDLED);
  }

  @Test
  void refusesAResponseThatIsTooLarge() {
    service.publish(NEWER, EndpointService.bundled() + " ".repeat(1 << 20));

    assertThat(failure()).contains("the response is larger than 1024 KiB");
  }

  @Test
  void asksOnlyAServiceThatItCanVerify() {
    trust = OriginTrust.of(List.of(PlatformCertificate.selfSigned("localhost").certificate()));

    assertThat(failure()).contains("certificate", "localhost");
    assertThat(service.requests()).isEmpty();
  }

  @Test
  void aStoredListIsNotUsedWhenItIsBrokenOrOlderThanTheProgram() throws Exception {
    service.publish(NEWER, EndpointService.bundled());
    refresh();
    String stored = Files.readString(store().file());

    Files.writeString(store().file(), stored.replace(NEWER, "2026081399"));
    assertThat(store().current()).isEqualTo(BUNDLED);

    Files.writeString(store().file(), stored.substring(0, stored.length() / 2));
    assertThat(store().current()).isEqualTo(BUNDLED);
    assertThat(refresh()).isInstanceOf(RefreshResult.Replaced.class);
    assertThat(store().current().version()).hasToString(NEWER);
  }

  @Test
  void reportsThatTheListCannotBeStored() throws Exception {
    Files.writeString(data.resolve("endpoints"), "a file in place of the directory");

    assertThat(failure())
        .startsWith("the endpoint list cannot be stored in dataDirectory (")
        .endsWith("); check its owner and free space");
  }
}
