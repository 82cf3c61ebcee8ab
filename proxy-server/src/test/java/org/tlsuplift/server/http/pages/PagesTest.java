package org.tlsuplift.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.http.ResponseBody;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.Success;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.jdbc.Fleet;
import org.tlsuplift.server.inventory.record.WrittenInventory;
import org.tlsuplift.server.inventory.record.WrittenInventory.Does;

@OneJdk
class PagesTest {
  private static final int DEVICES = 300;
  private static final String FIRST = "/devices/" + Fleet.address(0).getHostAddress();

  @TempDir static Path folder;
  private static PagesRig rig;

  @BeforeAll
  static void start() {
    rig = new PagesRig(DEVICES);
  }

  @AfterAll
  static void stop() {
    rig.close();
  }

  @Test
  void overviewLeadsWithTheAnswerAndTheNextSteps() throws Exception {
    String page = rig.text("/");
    assertThat(page)
        .containsPattern("<h1[^>]*>[0-9]+ of [0-9]+ devices still need TLS Uplift</h1>")
        .containsPattern("[0-9]+ devices do not trust the CA")
        .contains("What to do next", "href=\"/devices?trust=no\"", "1,234 sessions are open now")
        .contains("by reload 2 since the start. Open sessions that still use an earlier one: 2.")
        .contains("Does not trust the CA", "href=\"/devices?failure=certificate_rejected\"")
        .contains("href=\"/manual/troubleshooting#certificate_rejected\"")
        .doesNotContain("certificate_rejected<", "<code>");
    assertThat(count(page, "<li class=\"card\">")).isEqualTo(2);
    assertThat(page.indexOf("What to do next")).isLessThan(page.indexOf("id=\"handshakes\""));
  }

  @Test
  void overviewShowsExpiriesAndMicrosoftsDates() throws Exception {
    assertThat(rig.text("/"))
        .contains("Expiring soon", "has expired", "in 12 days", "Replace its devices.")
        .contains("Next: the CA certificate on 2035-02-11 (in 3,000 days).")
        .contains("IMAP4", "MC1293480", "signs in for them")
        .contains("end of December 2026 (36 days left)", "read on 2026-11-30")
        .doesNotContain("<b>old</b>");
  }

  @Test
  void chartBeginsWithTheFirstHandshake() throws Exception {
    assertThat(rig.text("/", Map.of("span", "month"))).contains("25 Nov").doesNotContain("27 Oct");
    assertThat(rig.text("/", Map.of("span", "\"><b>"))).contains("Last 24 hours");
    assertThat(found("<tr><th scope=\"row\">([^<]*)</th>", rig.text("/")))
        .as("hours of two days")
        .contains("24 Nov 23:00", "25 Nov 00:00")
        .endsWith("25 Nov 12:00");
    try (WrittenInventory seen = written()) {
      seen.saw("10.0.0.1", PagesRig.NOW.minus(Duration.ofDays(1)), "web", Does.TLS_1_0)
          .saw("10.0.0.1", PagesRig.NOW, "web", Does.TLS_1_0)
          .write();
      try (PagesRig young = new PagesRig(seen)) {
        String month = young.text("/", Map.of("span", "month"));
        assertThat(month).contains("In days of UTC since 2026-11-24");
        assertThat(count(month, "<th scope=\"row\">2")).isEqualTo(2);
      }
    }
  }

  private WrittenInventory written() throws Exception {
    return new WrittenInventory(
        Files.createTempDirectory(folder, "seen").resolve("inventory.db"),
        VerdictRules.defaults(),
        PagesRig.NOW);
  }

  @Test
  void overviewShowsThreeStepsBeforeTheFirstDevice() throws Exception {
    assertThat(rig.text("/")).doesNotContain("Three steps");
    try (PagesRig empty = new PagesRig(0)) {
      assertThat(empty.text("/"))
          .contains("No device has connected yet", "Three steps to the first device")
          .contains("submission", "<code>3128</code>", "A proxy", "href=\"/ca\"")
          .contains("<code>gateway-1</code>", "within 5 s", "data-reload=\"5\"")
          .doesNotContain("class=\"done\"", "<svg class=\"bar", "figure class", "downloaded");
      assertThat(empty.text("/", Map.of("host", "printproxy.example.test:9090")))
          .contains("<code>printproxy.example.test</code>");
      assertThat(empty.text("/devices"))
          .contains("No device has been seen yet.", "three steps to the first device");
      empty.ask("/ca/tls-uplift-ca.pem", Map.of());
      assertThat(empty.text("/")).contains("The certificate was downloaded just now.");
    }
  }

  @Test
  void stepsAreTickedAsTheyHappen() throws Exception {
    assertThat(first(Does.DISTRUST))
        .contains("The first device has connected", "10.1.2.3 does not trust the CA yet.")
        .contains("10.1.2.3 connected", "data-reload")
        .containsSubsequence("<li class=\"failed\">", "<li class=\"done\">", "<li class=\"open\">");
    assertThat(first(Does.TLS_1_0))
        .contains("The first device works", "10.1.2.3 accepts the certificate.")
        .contains("A session with TLSv1 was carried.")
        .doesNotContain("data-reload", "<li class=\"failed\">", "<li class=\"open\">");
    assertThat(first(Does.PLAINTEXT)).contains("has not needed it yet", "session without TLS");
  }

  @Test
  void aFirstDeviceThatMicrosoft365RefusesDoesNotWork() throws Exception {
    Instant refused = PagesRig.NOW.minusSeconds(60);
    try (WrittenInventory seen = written()) {
      seen.saw("10.1.2.3", refused.minusSeconds(1), "scan", Does.TLS_1_0)
          .refused("10.1.2.3", refused, "scan", OriginReply.BAD_CREDENTIALS)
          .write();
      try (PagesRig one = new PagesRig(seen)) {
        assertThat(one.text("/"))
            .contains("The first device has connected", "data-reload")
            .contains("535 5.7.3: name or password is wrong. Check user name and password")
            .containsSubsequence(
                "<li class=\"done\">", "<li class=\"done\">", "<li class=\"failed\">")
            .doesNotContain("The first device works", "was carried");
        seen.saw("10.1.2.3", PagesRig.NOW, "scan", Does.TLS_1_0).write();
        assertThat(one.text("/")).contains("The first device works");
      }
    }
  }

  @Test
  void aFirstDeviceWhoseOriginDoesNotRespondDoesNotWork() throws Exception {
    try (WrittenInventory seen = written()) {
      seen.saw("10.1.2.3", PagesRig.NOW.minusSeconds(60), "scan", Does.TLS_1_0).write();
      DeviceRecord device =
          seen.inventory()
              .devices(new DeviceQuery(DeviceFilter.ALL, DeviceSort.LAST_SEEN, true, 0, 1))
              .devices()
              .get(0);
      assertThat(steps(device, false).title()).isEqualTo("The first device works");
      FirstSteps cutOff = steps(device, true);
      assertThat(cutOff.title()).isEqualTo("The first device has connected");
      assertThat(cutOff.install().state()).isEqualTo("done");
      assertThat(cutOff.arrive().note()).isEqualTo("The first lines of this page say why.");
    }
  }

  private static FirstSteps steps(DeviceRecord device, boolean cutOff) {
    return FirstSteps.of(device, cutOff, Optional.empty(), List.of(), "5 s", PagesRig.NOW);
  }

  private String first(Does does) throws Exception {
    try (WrittenInventory seen = written()) {
      seen.saw("10.1.2.3", PagesRig.NOW.minusSeconds(60), "web", does).write();
      try (PagesRig one = new PagesRig(seen)) {
        return one.text("/");
      }
    }
  }

  @Test
  void readyDevicesLeadToTheSwitchOffPage() throws Exception {
    try (WrittenInventory seen = written()) {
      seen.saw("10.0.0.1", PagesRig.NOW, "web", Does.MODERN)
          .saw("10.0.0.2", PagesRig.NOW, "web", Does.MODERN)
          .write();
      try (PagesRig ready = new PagesRig(seen)) {
        assertThat(ready.text("/"))
            .contains(
                "None of 2 devices needs TLS Uplift",
                "Check on which listeners TLS 1.0 and 1.1 can");
      }
    }
  }

  @Test
  void aRefusalByMicrosoft365IsAProblemWithAStepAndAList() throws Exception {
    Instant before = PagesRig.NOW.minusSeconds(60);
    try (WrittenInventory seen = written()) {
      seen.saw("10.0.0.1", before, "web", Does.MODERN)
          .saw("10.0.0.2", before, "web", Does.MODERN)
          .saw("10.0.0.3", before, "web", Does.MODERN)
          .refused("10.0.0.1", PagesRig.NOW, "web", OriginReply.BAD_CREDENTIALS)
          .refused("10.0.0.2", PagesRig.NOW, "web", OriginReply.BAD_CREDENTIALS)
          .write();
      try (PagesRig few = new PagesRig(seen)) {
        String link = "href=\"/devices?failure=535%205.7.3";
        String page = few.text("/");
        assertThat(page)
            .contains(link + "\">2 devices</a>", link + "&amp;ended=no\">Show the devices</a>")
            .contains("Help 2 devices")
            .contains("The mail origin replies 535 5.7.3: name or password is wrong.")
            .contains("href=\"/manual/microsoft-replies#535-573\"")
            .doesNotContain("No device had a problem");
        String list = few.text("/devices", Map.of("failure", "535 5.7.3"));
        assertThat(addresses(list)).containsExactly("10.0.0.1", "10.0.0.2");
        assertThat(list)
            .contains("that ever had this problem: 535 5.7.3: name or password is wrong")
            .containsPattern("535 5.7.3: name or password is wrong <small>\\s*<time");
      }
    }
  }

  @Test
  void aStepEndsWithTheNextAcceptedMessage() throws Exception {
    Instant before = PagesRig.NOW.minusSeconds(60);
    try (WrittenInventory seen = written()) {
      seen.saw("10.0.0.1", before, "web", Does.MODERN)
          .refused("10.0.0.1", before, "web", OriginReply.BAD_CREDENTIALS)
          .saw("10.0.0.2", before, "web", Does.MODERN)
          .refused("10.0.0.2", before, "web", OriginReply.BAD_CREDENTIALS)
          .succeeded("10.0.0.1", PagesRig.NOW, Success.MESSAGE)
          .write();
      try (PagesRig few = new PagesRig(seen)) {
        String table = "href=\"/devices?failure=535%205.7.3\">2 devices</a>";
        String step = "The mail origin replies 535 5.7.3";
        assertThat(few.text("/"))
            .contains(table, step, "Help 1 device", "It connects to origin.example:587.");
        String words = "535 5.7.3: name or password is wrong";
        String still = few.text("/devices", Map.of("failure", "535 5.7.3", "ended", "no"));
        assertThat(addresses(still)).containsExactly("10.0.0.2");
        assertThat(still).contains("that still have this problem: " + words);
        assertThat(few.text("/devices", Map.of("failure", "535 5.7.3")))
            .contains(words + " <small>", words + " (works again) <small>");
        assertThat(few.text("/devices/10.0.0.1"))
            .contains("<bdi>origin.example:587 (works again)</bdi>");
        assertThat(few.text("/devices/10.0.0.2")).contains("<bdi>origin.example:587</bdi>");
        seen.succeeded("10.0.0.2", PagesRig.NOW, Success.MESSAGE).write();
        assertThat(few.text("/")).contains(table).doesNotContain(step, "No device had a problem");
      }
    }
  }

  @Test
  void theListShowsTheLatestOfFailuresAndRefusals() throws Exception {
    Instant before = PagesRig.NOW.minusSeconds(60);
    try (WrittenInventory seen = written()) {
      seen.saw("10.0.0.1", before, "web", Does.DISTRUST)
          .refused("10.0.0.1", PagesRig.NOW, "web", OriginReply.BAD_CREDENTIALS)
          .refused("10.0.0.2", before, "web", OriginReply.BAD_CREDENTIALS)
          .saw("10.0.0.2", PagesRig.NOW, "web", Does.MODERN)
          .failed("10.0.0.2", PagesRig.NOW, "web", CloseReason.NO_ROUTE)
          .write();
      try (PagesRig few = new PagesRig(seen)) {
        String list = few.text("/devices", Map.of("sort", "address"));
        assertThat(found("class=\"trouble\">\\s*([^<]+?) <small>", list))
            .containsExactly(
                "535 5.7.3: name or password is wrong",
                ProblemText.ofFailure(CloseReason.NO_ROUTE.label()).words());
      }
    }
  }

  /** One filter selects both, so no label may mean two problems. */
  @Test
  void failuresAndRefusalsHaveDifferentLabels() {
    List<String> labels =
        Stream.of(
                Arrays.stream(HandshakeOutcome.values()).map(HandshakeOutcome::label),
                Arrays.stream(CloseReason.values()).map(CloseReason::label))
            .flatMap(each -> each)
            .toList();
    assertThat(OriginReply.values())
        .extracting(OriginReply::label)
        .doesNotHaveDuplicates()
        .doesNotContainAnyElementsOf(labels);
    for (OriginReply reply : OriginReply.values()) {
      assertThat(ProblemText.of(reply.label())).isEqualTo(ProblemText.ofReply(reply.label()));
    }
    for (String label : labels) {
      assertThat(ProblemText.of(label)).isEqualTo(ProblemText.ofFailure(label));
    }
  }

  @Test
  void unknownPathGetsAPageWithALinkToTheOverview() throws Exception {
    Response none = rig.ask(ResourcePath.FALLBACK, Map.of());
    assertThat(none.status()).isEqualTo(404);
    assertThat(PagesRig.text(none)).contains("No such page", "Back to the overview");
  }

  @Test
  void withoutInventoryTheOverviewShowsTheRest() throws Exception {
    List<ResourcePath> routes = PagesRig.pages(Optional.empty(), List.of()).routes();
    assertThat(PagesRig.text(PagesRig.ask(routes, "/", Map.of())))
        .contains("inventory.enabled is false", "1,234 sessions", "in 12 days");
    Response none = PagesRig.ask(routes, "/devices", Map.of());
    assertThat(none.status()).isEqualTo(404);
    assertThat(PagesRig.text(none)).contains("inventory.enabled is false");
  }

  @Test
  void anUnreachableDatabaseIsExplained() throws Exception {
    try (PagesRig broken = new PagesRig(1)) {
      broken.closeInventory();
      assertThat(broken.text("/")).contains("The inventory cannot be read now", "1,234");
      Response none = broken.ask("/devices", Map.of());
      assertThat(none.status()).isEqualTo(503);
      assertThat(PagesRig.text(none)).contains("Sessions continue");
    }
  }

  @Test
  void listIsNarrowedSortedAndPaged() throws Exception {
    String one = rig.text("/devices", Map.of("search", "PRN-00020"));
    assertThat(one).contains("1 to 1 of 1 device", "prn-00020.floor2.corp.example");
    assertThat(one).contains("href=\"/devices.csv?search=PRN-00020\"", "value=\"PRN-00020\"");
    assertThat(rig.text("/devices", Map.of("subnet", "10.1.1.0/24"))).contains("of 50 devices");
    assertThat(rig.text("/devices", Map.of("search", "nowhere"))).contains("No device matches.");
    String third = rig.text("/devices", Map.of("page", "3", "sort", "address", "order", "desc"));
    assertThat(third).contains("101 to 150 of 300", "Page 3 of 6", "aria-sort=\"descending\"");
    assertThat(third).contains("href=\"/devices?sort=address&amp;order=desc&amp;page=4\"");
    assertThat(addresses(third)).hasSize(50).startsWith("10.1.0.200").endsWith("10.1.0.151");
    assertThat(rig.text("/devices", Map.of("page", "99"))).contains("but none on page 99");
    String needing = rig.text("/devices", Map.of("verdict", "needs_upgrade", "size", "1000"));
    assertThat(chipsOfRows(needing)).contains("bad").doesNotContain("good", "calm");
    assertThat(rig.text("/devices", Map.of("size", "50"))).contains("<details>");
    assertThat(rig.text("/devices", Map.of("size", "200"))).contains("<details open>");
    assertThat(rig.text("/devices", Map.of("failure", "certificate_rejected")))
        .contains("Only devices that ever had this problem: Does not trust the CA");
    assertThat(rig.text("/devices", Map.of("listener", "gone"))).contains("<option value=\"gone\"");
  }

  /** The classes of the chips in the table. */
  private static List<String> chipsOfRows(String page) {
    return found("chip ([a-z]+)\"", page.substring(page.indexOf("<tbody"))).distinct().toList();
  }

  private static Stream<String> found(String pattern, String page) {
    return Pattern.compile(pattern).matcher(page).results().map(found -> found.group(1));
  }

  @Test
  void chipsCountAndFilterTheSelectedDevices() throws Exception {
    try (WrittenInventory seen = written()) {
      seen.saw("10.0.0.1", PagesRig.NOW, "web", Does.TLS_1_0)
          .saw("10.0.0.2", PagesRig.NOW, "web", Does.DISTRUST)
          .saw("10.0.0.3", PagesRig.NOW, "web", Does.MODERN)
          .saw("10.0.9.1", PagesRig.NOW, "web", Does.PLAINTEXT)
          .saw("10.0.9.2", PagesRig.NOW, "web", Does.ONLY_TLS_RSA)
          .write();
      try (PagesRig few = new PagesRig(seen)) {
        assertThat(chips(few.text("/devices")))
            .containsExactly(
                "all 5",
                "needs TLS Uplift 4",
                "does not trust the CA 1",
                "no encryption 1",
                "TLS 1.0 2",
                "TLS_RSA 1",
                "ready 1");
        String old = few.text("/devices", Map.of("verdict", "too_old", "version", "TLSv1"));
        assertThat(addresses(old)).containsExactly("10.0.0.1", "10.0.0.2");
        assertThat(old).contains("aria-current=\"true\">TLS 1.0").contains("type=\"hidden\"");
        assertThat(addresses(few.text("/devices", Map.of("trust", "no"))))
            .containsExactly("10.0.0.2");
        assertThat(chips(few.text("/devices", Map.of("subnet", "10.0.9.0/24", "trust", "no"))))
            .containsExactly(
                "all 2",
                "needs TLS Uplift 2",
                "does not trust the CA 0",
                "no encryption 1",
                "TLS_RSA 1");
        assertThat(few.text("/devices/10.0.0.2"))
            .containsSubsequence(
                "Does not trust the CA: install it", "href=\"/ca\"", "TLS 1.0 only");
        assertThat(few.text("/devices/10.0.0.1")).doesNotContain("install it");
      }
    }
  }

  private static List<String> chips(String page) {
    return Pattern.compile("class=\"chip [^>]*>([^<]+) <b>([0-9,]+)</b>")
        .matcher(page)
        .results()
        .map(found -> found.group(1) + " " + found.group(2))
        .toList();
  }

  private static List<String> addresses(String page) {
    return Pattern.compile("href=\"/devices/([0-9.]+)\"")
        .matcher(page)
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "subnet, 10.1.2.0/99",
    "verdict, none",
    "version, TLSv9",
    "trust, yes",
    "need, none",
    "sort, luck",
    "order, sideways",
    "size, 1001",
    "page, 0",
    "page, 99999999999"
  })
  void invalidValuesAreExplainedAtTheirField(String field, String value) throws Exception {
    Response refused = rig.ask("/devices", Map.of(field, value));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(PagesRig.text(refused)).contains("id=\"" + field + "-problem\"");
    assertThat(rig.ask("/devices.csv", Map.of(field, value)).status()).isEqualTo(400);
  }

  @Test
  void exportsHaveAllThatMatches() throws Exception {
    Response csv = rig.ask("/devices.csv", Map.of("listener", "web", "page", "7", "size", "50"));
    assertThat(csv.headers())
        .containsEntry("Content-Disposition", "attachment; filename=\"devices.csv\"");
    long lines = PagesRig.text(csv).lines().filter(line -> line.startsWith("10.1.")).count();
    JsonNode json =
        new ObjectMapper().readTree(rig.text("/devices.json", Map.of("listener", "web")));
    assertThat(json).hasSize((int) lines).hasSizeGreaterThan(50);
    assertThat(rig.text("/devices", Map.of("listener", "web"))).contains("of " + json.size());
    assertThat(new ObjectMapper().readTree(rig.text("/devices.json"))).hasSize(DEVICES);
    assertThat(rig.text("/devices.json", Map.of("search", "nowhere"))).isEqualTo("[ ]\n");
  }

  @Test
  void historyShowsAllFactsOfADevice() throws Exception {
    String failed =
        addresses(
                rig.text(
                    "/devices",
                    Map.of("failure", "certificate_rejected", "verdict", "needs_upgrade")))
            .get(0);
    assertThat(rig.text("/devices/" + failed))
        .contains("Needs upgrade", "Does not trust the CA", "Install the CA certificate")
        .contains("no: it refused our certificate", "Fingerprint (JA4)", "Destinations")
        .containsPattern(
            "<time datetime=\"2026-11-2[^>]* title=\"2026-11-2[^>]* UTC\">[0-9]+ h ago");
    Response nobody = rig.ask("/devices/<b>", Map.of());
    assertThat(nobody.status()).isEqualTo(404);
    assertThat(PagesRig.text(nobody)).contains("No device was seen at &lt;b&gt;.");
  }

  @Test
  void switchingOffIsAnsweredForListenersAndSubnets() throws Exception {
    String page = rig.text("/switch-off");
    assertThat(page)
        .contains("<h1 class=\"lead\">TLS 1.0 and 1.1 can be switched off on 0 of 4 listeners</h1>")
        .contains(" need it, the latest on ", "profile legacy", "href=\"/manual/switch-off\"");
    assertThat(page).contains("href=\"/devices?listener=web\"");
    assertThat(page).contains("href=\"/switch-off?subnet=10.1.0.0%2F24\"", "10.1.1.0/24");
    String one = rig.text("/switch-off", Map.of("subnet", "10.1.1.0/24", "listener", "submission"));
    assertThat(one).contains("TLS 1.0 and 1.1 cannot be switched off on listener submission yet");
    assertThat(one).contains("href=\"/devices?subnet=10.1.1.0%2F24&amp;listener=submission\"");
    assertThat(one).doesNotContain("10.1.0.");
    Response wrong = rig.ask("/switch-off", Map.of("subnet", "<b>"));
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(PagesRig.text(wrong)).contains("&lt;b&gt;").doesNotContain("<b>");
    assertThat(rig.ask("/switch-off", Map.of("listener", "none")).status()).isEqualTo(400);
  }

  @Test
  void needsAreGroupedAndLeadToTheirDevices() throws Exception {
    Instant yesterday = PagesRig.NOW.minus(Duration.ofDays(1));
    try (WrittenInventory seen = written()) {
      seen.saw("10.0.0.1", yesterday, "web", Does.TLS_1_0)
          .saw("10.0.0.1", PagesRig.NOW, "web", Does.TLS_1_0)
          .saw("10.0.0.2", PagesRig.NOW, "antique", Does.TLS_1_0)
          .saw("10.0.0.3", PagesRig.NOW, "web", Does.PLAINTEXT)
          .write();
      try (PagesRig few = new PagesRig(seen)) {
        String page = few.text("/switch-off");
        assertThat(page)
            .contains("href=\"/devices?need=too_old&amp;version=TLSv1\">2 devices</a>")
            .contains("TLS 1.0 only", "Update the firmware, switch TLS 1.2 on, or replace them.")
            .contains("Progress", "<th scope=\"row\">2026-11-24</th>")
            .doesNotContain("2026-11-23");
        assertThat(chips(page))
            .containsExactly("no encryption 1", "TLS 1.0 only 1", "TLS 1.0 only 1");
        Map<String, String> group = Map.of("need", "too_old", "version", "TLSv1");
        assertThat(addresses(few.text("/devices", group))).containsExactly("10.0.0.1", "10.0.0.2");
        assertThat(few.text("/devices", group)).contains("that recently needed this");
      }
    }
  }

  @Test
  void certificatesAreThereInEachForm() throws Exception {
    String page = rig.text("/ca");
    assertThat(page)
        .contains("Signs now, for all listeners", "Signs now, for the listener antique", "certutil")
        .contains("Staged, for all listeners", "It does not sign yet", "tls-uplift ca activate")
        .contains("href=\"/ca/tls-uplift-staged-ca.pem\"");
    assertThat(count(page, "<section class=\"card\" id="))
        .as("one card for each maker")
        .isEqualTo(18);
    assertThat(found("href=\"/ca/tls-uplift-ca\\.([a-z0-9]+)\" download aria-label", page))
        .hasSize(18)
        .containsExactlyElementsOf(
            found("href=\"/ca/tls-uplift-staged-ca\\.([a-z0-9]+)\" download aria-label", page)
                .toList());
    assertThat(page).contains("id=\"hp-laserjet-pagewide-officejet-pro\"", "Download .cer");
    X509Certificate first = null;
    for (String form : List.of("pem", "cer", "p7b")) {
      String path = "/ca/tls-uplift-ca." + form;
      assertThat(page).contains("href=\"" + path + "\"");
      assertThat(page).contains("href=\"/ca/tls-uplift-ca-antique." + form + "\"");
      Response response = rig.ask(path, Map.of());
      byte[] bytes = ((ResponseBody.Whole) response.body()).bytes();
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      X509Certificate certificate =
          (X509Certificate)
              factory.generateCertificates(new ByteArrayInputStream(bytes)).iterator().next();
      first = first == null ? certificate : first;
      assertThat(certificate).isEqualTo(first);
      assertThat(page).contains(Fingerprint.sha256(certificate), Fingerprint.sha1(certificate));
    }
    assertThat(rig.ask("/ca/ca.key.pem", Map.of()).status()).isEqualTo(404);
  }

  @Test
  void theCaPageHasAQrCodeIfAPhoneCanReachIt() throws Exception {
    assertThat(rig.text("/ca", Map.of("host", "10.0.0.9:9090")))
        .contains("<svg class=\"qr\"", "QR code of http://10.0.0.9:9090/ca");
    assertThat(rig.text("/ca", Map.of("host", "localhost:9090")))
        .contains("<svg class=\"qr\"", ">http://uplift.example.test:9090/ca<");
    assertThat(address(new AdminReach(true, false, null, List.of("2001:db8::1")), "127.0.0.1"))
        .contains("https://[2001:db8::1]/ca");
    assertThat(address(new AdminReach(true, false, null, List.of()), "[2001:db8::2]:9090"))
        .contains("https://[2001:db8::2]:9090/ca");
    assertThat(address(new AdminReach(true, true, null, List.of("x.example")), "[::1]:9090"))
        .isEmpty();
    assertThat(address(new AdminReach(true, false, null, List.of()), "localhost:9090")).isEmpty();
    assertThat(
            address(
                new AdminReach(false, true, "https://uplift.example/", List.of()),
                "127.0.0.1:9464"))
        .as("behind a proxy")
        .contains("https://uplift.example/ca");
    AdminReach local = new AdminReach(false, true, null, List.of("127.0.0.1"));
    CertificatesResource resource =
        new CertificatesResource(
            List::of, new PagesRig.NoAuthorityControl(), local, PagesRig.SITE.clock());
    Pages pages = new Pages(PagesRig.SITE, List.of(resource));
    String page = PagesRig.text(PagesRig.ask(pages.routes(), "/ca", Map.of()));
    assertThat(page).contains("Only this machine reaches this page", "admin.bind");
    assertThat(page).doesNotContain("class=\"qr\"");
  }

  private static Optional<String> address(AdminReach reach, String host) {
    Request request = new Request("/ca", "", Map.of(), Map.of("host", List.of(host)));
    return reach.address(PageHost.of(request), "/ca");
  }

  @Test
  void eachProblemAndMakerHasItsSectionInTheManual() throws Exception {
    List<String> sections =
        Stream.of(
                Arrays.stream(CloseReason.values())
                    .map(reason -> ProblemText.ofFailure(reason.label()).manual()),
                Arrays.stream(HandshakeOutcome.values())
                    .filter(outcome -> outcome != HandshakeOutcome.COMPLETED)
                    .map(outcome -> ProblemText.ofFailure(outcome.label()).manual()),
                Arrays.stream(OriginReply.values())
                    .map(reply -> ProblemText.ofReply(reply.label()).manual()),
                InstallGuide.all().stream().map(guide -> "/manual/install-ca#" + guide.anchor()))
            .flatMap(each -> each)
            .distinct()
            .toList();
    assertThat(sections).hasSizeGreaterThan(60);
    for (String section : sections) {
      String[] parts = section.split("#", 2);
      assertThat(rig.text(parts[0])).as(section).contains("id=\"" + parts[1] + "\"");
    }
  }

  @Test
  void pagesLinkOnlyToTopicsOfTheManual() throws Exception {
    try (PagesRig empty = new PagesRig(0)) {
      String all =
          empty.text("/")
              + rig.text("/")
              + rig.text("/switch-off")
              + rig.text("/ca")
              + rig.text(FIRST);
      List<String> topics = found("href=\"(/manual/[a-z0-9-]+)", all).distinct().toList();
      assertThat(topics).contains("/manual/listeners", "/manual/switch-off", "/manual/devices");
      for (String topic : topics) {
        assertThat(rig.ask(topic, Map.of()).status()).as(topic).isEqualTo(200);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/devices?", "/devices/"})
  void namesOfDevicesAreEscaped(String where) throws Exception {
    for (int i = 0; i < Fleet.HOSTILE.size(); i++) {
      String address = Fleet.address(i).getHostAddress();
      String page =
          where.endsWith("?")
              ? rig.text("/devices", Map.of("search", address, "subnet", address + "/32"))
              : rig.text(where + address);
      String name = Fleet.HOSTILE.get(i);
      assertThat(page)
          .contains(escaped(name).substring(0, Math.min(20, name.length())))
          .doesNotContain("<script>d", "<img src=x", "</title></td>", "<base")
          .doesNotContain("\u202e", "\u0000", "\u0007", "\u200b", "\u2028");
      assertThat(elements(page)).as(name).isEqualTo(elements(page.replace(escaped(name), "")));
    }
  }

  private static String escaped(String name) {
    return PageText.visible(name).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static long elements(String page) {
    return page.chars().filter(c -> c == '<').count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"search", "listener", "failure", "sort", "subnet", "verdict", "page"})
  void parametersAreEscaped(String field) throws Exception {
    for (String value : Fleet.HOSTILE) {
      String page = rig.text("/devices", Map.of(field, value));
      assertThat(page).doesNotContain("<script>d", "<img src=x", "</title></td>", "<base");
      assertThat(page).doesNotContainPattern("=\"[^\"]*\" onmouseover");
    }
  }

  @Test
  void csvHasNoFormulas() throws Exception {
    String all = rig.text("/devices.csv");
    assertThat(all).contains("\"'=HYPERLINK(\"\"http://203.0.113.9/\"\",\"\"invoice\"\")\"");
    String json = rig.text("/devices.json");
    assertThat(json).doesNotContain("<script>", "</title>", "\u202e");
    assertThat(new ObjectMapper().readTree(json).findValuesAsText("introduction"))
        .containsAll(Fleet.HOSTILE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/devices", "history", "/switch-off", "/ca"})
  void pagesAreReadableByScreenReaders(String path) throws Exception {
    String page = rig.text(path.equals("history") ? FIRST : path);
    assertThat(page).startsWith("<!doctype html>\n<html lang=\"en\">");
    assertThat(page).contains("href=\"#content\">Skip", "<main", "<footer", "aria-label=\"Pages\"");
    assertThat(page)
        .doesNotContainPattern("<(style|script)>")
        .doesNotContain(" style=", " onclick");
    assertThat(page).doesNotContainPattern("(src|href|action)=\"(http|//)");
    List<Integer> headings =
        Pattern.compile("<h([1-6])")
            .matcher(page)
            .results()
            .map(found -> Integer.parseInt(found.group(1)))
            .toList();
    assertThat(headings).startsWith(1).containsOnlyOnce(1);
    for (int i = 1; i < headings.size(); i++) {
      assertThat(headings.get(i)).isLessThanOrEqualTo(headings.get(i - 1) + 1);
    }
    assertThat(count(page, "<caption")).isEqualTo(count(page, "<table"));
    assertThat(count(page, "<th ")).isEqualTo(count(page, " scope=\""));
    assertThat(count(page, "<th>")).isZero();
    Pattern.compile("<a [^>]*aria-label=\"([^\"]+)\"[^>]*>([^<]+)</a>")
        .matcher(page)
        .results()
        .forEach(link -> assertThat(link.group(1)).contains(link.group(2).strip()));
  }

  private static long count(String page, String text) {
    return Pattern.compile(Pattern.quote(text)).matcher(page).results().count();
  }

  @Test
  void assetsAreCachedAsImmutable() throws Exception {
    String page = rig.text("/");
    List<String> assets =
        Pattern.compile("(?:href|src)=\"(/assets/[^\"]+)\"")
            .matcher(page)
            .results()
            .map(found -> found.group(1))
            .distinct()
            .toList();
    assertThat(assets).hasSize(5);
    for (String asset : assets) {
      Response response = rig.ask(asset, Map.of());
      assertThat(response.headers().get("Cache-Control")).contains("immutable");
      assertThat(PagesRig.text(response)).doesNotContain("@import", "url(\"data:").isNotEmpty();
      assertThat(response.headers())
          .containsEntry("Vary", "Accept-Encoding")
          .doesNotContainKey("Content-Encoding");
    }
    int sent = 0;
    for (String asset : assets) {
      assertThat(accepting(asset, "br, gzip;q=0").headers()).doesNotContainKey("Content-Encoding");
      assertThat(accepting(asset, "x-gzip").headers()).doesNotContainKey("Content-Encoding");
      Response small = accepting(asset, "deflate, GZIP;q=0.5, br");
      assertThat(small.headers()).containsEntry("Content-Encoding", "gzip");
      byte[] bytes = ((ResponseBody.Whole) small.body()).bytes();
      sent += bytes.length;
      assertThat(
              new String(
                  new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes(),
                  StandardCharsets.UTF_8))
          .isEqualTo(PagesRig.text(rig.ask(asset, Map.of())));
    }
    assertThat(sent).as("bytes of all assets").isLessThan(120_000);
    assertThat(accepting("/", "gzip").headers())
        .as("a page with a secret would leak it (BREACH)")
        .doesNotContainKey("Content-Encoding");
  }

  private Response accepting(String path, String encodings) throws Exception {
    return rig.ask(new Request(path, "", Map.of(), Map.of("accept-encoding", List.of(encodings))));
  }

  @Test
  void manualListsItsPagesAndShowsThem() throws Exception {
    assertThat(rig.text("/manual")).contains("href=\"/manual/metrics\"", "name=\"q\"");
    String page = rig.text("/manual/metrics");
    assertThat(page)
        .contains("<h1 id=\"metrics\">Metrics</h1>", "<h3 id=\"tlsuplift_ready\">")
        .contains("href=\"#tlsuplift_ready\"", "aria-current=\"page\"");
    assertThat(rig.text("/manual/index")).contains("href=\"/manual/metrics\"");
  }

  @Test
  void manualIsSearchedWithoutScripts() throws Exception {
    assertThat(rig.text("/manual", Map.of("q", "Legacy handshakes")))
        .contains("href=\"/manual/metrics#tlsuplift_legacy_handshakes_total\"")
        .contains("value=\"Legacy handshakes\"");
    assertThat(rig.text("/manual", Map.of("q", "\"><b>")))
        .contains("Nothing found")
        .doesNotContain("<b>");
  }

  @Test
  void aPageThatTheManualDoesNotHaveOffersTheSearch() throws Exception {
    for (String path :
        List.of(
            "/manual/nowhere",
            "/manual/../metrics",
            "/manual/index.md",
            "/manual/config/",
            "/manual/config/../index.md",
            "/manual/%2e%2e/Manual.class",
            "/manual/<b>")) {
      Response none = rig.ask(path, Map.of());
      assertThat(none.status()).as(path).isEqualTo(404);
      assertThat(PagesRig.text(none)).contains("No such page", "name=\"q\"").doesNotContain("<b>");
    }
  }

  @Test
  void theOverviewShowsTheInstancesThatShareTheDatabase() throws Exception {
    assertThat(rig.text("/"))
        .contains("Instances that share the database", "gateway-1:9464", "This one", "generation 3")
        .contains("&lt;b&gt;gateway-2&lt;/b&gt;:9464", "Gone", "1.2.2")
        .contains("AB:CD:EF:01", "12:34:56:78", "gateway-3", "Another CA");
  }

  @Test
  void filesToCopyAreServedAsText() throws Exception {
    Response file = rig.ask("/manual/config/tls-uplift.yaml", Map.of());
    assertThat(file.contentType()).isEqualTo("text/plain; charset=utf-8");
    assertThat(PagesRig.text(file)).contains("# TLS Uplift: the configuration.");
  }

  /** The tests of all paths and actions know only the pages of the rig. */
  @Test
  void theRigHasThePagesThatTheDaemonMakes() {
    assertThat(pagesMadeBy(PagesRig.class.getName()))
        .containsAll(pagesMadeBy("org.tlsuplift.server.daemon.PagesSetup"))
        .hasSizeGreaterThan(10);
  }

  private static Set<String> pagesMadeBy(String name) {
    return new ClassFileImporter()
            .importPackages(Pages.class.getPackageName(), "org.tlsuplift.server.daemon")
            .get(name)
            .getDirectDependenciesFromSelf()
            .stream()
            .map(Dependency::getTargetClass)
            .filter(each -> each.getPackageName().equals(Pages.class.getPackageName()))
            .filter(
                each ->
                    each.isAssignableTo(FeaturePages.class)
                        || each.getMethods().stream()
                            .anyMatch(
                                of -> of.getRawReturnType().isEquivalentTo(FeaturePages.class)))
            .map(JavaClass::getSimpleName)
            .collect(Collectors.toSet());
  }
}
