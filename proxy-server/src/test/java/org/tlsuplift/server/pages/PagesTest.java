package org.tlsuplift.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.ca.CaExport;
import org.tlsuplift.server.inventory.jdbc.Fleet;
import org.tlsuplift.server.web.ResourcePath;
import org.tlsuplift.server.web.Response;
import org.tlsuplift.server.web.ResponseBody;

class PagesTest {
  private static final int DEVICES = 300;
  private static final String FIRST = "/devices/" + Fleet.address(0).getHostAddress();

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
  void overviewTellsWhoNeedsTheUpgradeAndWhatEnds() throws Exception {
    String page = rig.text("/");
    assertThat(page)
        .contains("of 300 devices ever seen", "1,234", "Last 24 hours", "certificate_rejected")
        .contains("has ended", "in 12 days", "in 3,000 days", "replace its devices")
        .contains("IMAP4", "MC1293480", "(36 days left)", "is not known here")
        .doesNotContain("<b>old</b>");
    assertThat(rig.text("/", Map.of("span", "hour"))).contains("Since 2026-11-25 11:35 UTC");
    assertThat(rig.text("/", Map.of("span", "month"))).contains("27 Oct", "25 Nov");
    assertThat(rig.text("/", Map.of("span", "\"><b>"))).contains("Since 2026-11-24 13:00 UTC");
  }

  @Test
  void beforeTheFirstDeviceItTellsWhatToDo() throws Exception {
    assertThat(rig.text("/")).doesNotContain("No device has come yet");
    try (PagesRig empty = new PagesRig(0)) {
      assertThat(empty.text("/"))
          .contains("No device has come yet", "submission", "3128", "a proxy", "href=\"/ca\"")
          .contains("within 5 s")
          .doesNotContain("tile good");
      assertThat(empty.text("/devices"))
          .contains("No device has been seen yet.", "says how devices come here");
    }
  }

  @Test
  void aMistypedAddressIsAPageWithTheWayBack() throws Exception {
    Response none = rig.ask(ResourcePath.ANYWHERE_ELSE, Map.of());
    assertThat(none.status()).isEqualTo(404);
    assertThat(PagesRig.text(none)).contains("No such page", "Back to the overview");
  }

  @Test
  void withoutInventoryThereIsWhatDoesNotComeFromIt() throws Exception {
    List<ResourcePath> routes = new Pages(PagesRig.sources(Optional.empty(), List.of())).routes();
    assertThat(PagesRig.text(PagesRig.ask(routes, "/", Map.of())))
        .contains("inventory.enabled is false", "1,234", "in 12 days");
    Response none = PagesRig.ask(routes, "/devices", Map.of());
    assertThat(none.status()).isEqualTo(404);
    assertThat(PagesRig.text(none)).contains("inventory.enabled is false");
  }

  @Test
  void aDatabaseThatIsAwayIsToldInWords() throws Exception {
    try (PagesRig broken = new PagesRig(1)) {
      broken.fleet.close();
      assertThat(broken.text("/")).contains("The inventory cannot be read now", "1,234");
      Response none = broken.ask("/devices", Map.of());
      assertThat(none.status()).isEqualTo(503);
      assertThat(PagesRig.text(none)).contains("Sessions go on");
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
    assertThat(needing).contains("badge bad").doesNotContain("badge good", "badge calm");
    assertThat(rig.text("/devices", Map.of("failure", "certificate_rejected")))
        .contains("Only devices that ever failed with");
    assertThat(rig.text("/devices", Map.of("listener", "gone"))).contains("<option value=\"gone\"");
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
    "sort, luck",
    "order, sideways",
    "size, 1001",
    "page, 0",
    "page, 99999999999"
  })
  void whatMakesNoSenseIsToldAtItsField(String field, String value) throws Exception {
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
  void historyTellsAllThereIsOfADevice() throws Exception {
    String failed =
        addresses(
                rig.text(
                    "/devices",
                    Map.of("failure", "certificate_rejected", "verdict", "needs_upgrade")))
            .get(0);
    assertThat(rig.text("/devices/" + failed))
        .contains("needs upgrade", "certificate_rejected", "install the CA certificate")
        .contains("no: it refused a certificate of ours", "Fingerprint (JA4)", "Destinations");
    Response nobody = rig.ask("/devices/<b>", Map.of());
    assertThat(nobody.status()).isEqualTo(404);
    assertThat(PagesRig.text(nobody)).contains("No device was seen at &lt;b&gt;.");
  }

  @Test
  void switchingOffIsAnsweredForListenersAndSubnets() throws Exception {
    String page = rig.text("/switch-off");
    assertThat(page).contains(" need it, the latest on ", "profile legacy", "What helps");
    assertThat(page).contains("href=\"/devices?listener=web\"");
    assertThat(page).contains("href=\"/switch-off?subnet=10.1.0.0%2F24\"", "10.1.1.0/24");
    String one = rig.text("/switch-off", Map.of("subnet", "10.1.1.0/24", "listener", "submission"));
    assertThat(one).contains("href=\"/devices?subnet=10.1.1.0%2F24&amp;listener=submission\"");
    assertThat(one).doesNotContain("10.1.0.");
    Response wrong = rig.ask("/switch-off", Map.of("subnet", "<b>"));
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(PagesRig.text(wrong)).contains("&lt;b&gt;").doesNotContain("<b>");
    assertThat(rig.ask("/switch-off", Map.of("listener", "none")).status()).isEqualTo(400);
  }

  @Test
  void certificatesAreThereInEachForm() throws Exception {
    String page = rig.text("/ca");
    assertThat(page)
        .contains("Signs now, for all listeners", "Signs now, for the listener antique", "certutil")
        .contains("Staged, for all listeners", "It does not sign yet", "tls-uplift ca activate")
        .contains("href=\"/ca/tls-uplift-staged-ca.pem\"");
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
      assertThat(page).contains(CaExport.sha256(certificate), CaExport.sha1(certificate));
    }
    assertThat(rig.ask("/ca/ca.key.pem", Map.of()).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/devices?", "/devices/"})
  void whatDevicesCallThemselvesDoesNothing(String where) throws Exception {
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
  void whatIsAskedForDoesNothing(String field) throws Exception {
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
  void pagesAreOrderedForThoseWhoDoNotSeeThem(String path) throws Exception {
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
  }

  private static long count(String page, String text) {
    return Pattern.compile(Pattern.quote(text)).matcher(page).results().count();
  }

  @Test
  void whatBrowsersGetMayBeKeptForEver() throws Exception {
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
      assertThat(PagesRig.text(response)).doesNotContain("@import").isNotEmpty();
    }
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
  void filesToCopyAreServedAsText() throws Exception {
    Response file = rig.ask("/manual/config/tls-uplift.yaml", Map.of());
    assertThat(file.contentType()).isEqualTo("text/plain; charset=utf-8");
    assertThat(PagesRig.text(file)).startsWith("# TLS Uplift");
  }
}
