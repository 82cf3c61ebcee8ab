package org.tlsuplift.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tlsuplift.server.http.pages.PagesRig.NOW;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Change.Result;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Action.Done;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.http.Visitor;
import org.tlsuplift.server.inventory.DeviceNotes;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.jdbc.Fleet;
import org.tlsuplift.server.inventory.record.WrittenInventory;
import org.tlsuplift.server.inventory.record.WrittenInventory.Does;
import org.tlsuplift.server.readiness.SwitchOffReport;

/** Operators write about devices. */
class DeviceNotesPagesTest {
  private static final String MAC_DEVICE = Fleet.address(3).getHostAddress();

  @TempDir Path folder;
  private WrittenInventory seen;
  private Pages pages;

  @BeforeEach
  void open() throws Exception {
    seen = new WrittenInventory(folder.resolve("inventory.db"), VerdictRules.defaults(), NOW);
    for (String device : List.of("10.0.0.1", "10.0.0.2", "10.0.0.3", MAC_DEVICE, "2001:db8::7")) {
      seen.saw(device, NOW, "web", Does.TLS_1_0);
    }
    seen.write().named("10.0.0.1", "PRN-1").named("10.0.0.2", "phone").named("10.0.0.3", "phone");
    pages = PagesRig.pages(Optional.of(seen.inventory()), List.of());
  }

  @AfterEach
  void close() {
    seen.close();
  }

  private Done act(String path, Map<String, String> fields) throws Exception {
    Map<String, List<String>> all = new HashMap<>();
    fields.forEach((name, value) -> all.put(name, List.of(value)));
    Action action =
        pages.actions().stream().filter(each -> each.path().equals(path)).findFirst().orElseThrow();
    assertThat(action.role()).isEqualTo(Role.OPERATOR);
    return action
        .work()
        .act(
            new Request(
                path,
                "",
                all,
                Map.of(),
                new Visitor("ops", Role.OPERATOR, Visitor.By.SESSION, each -> "token")));
  }

  private static String text(Done done) throws Exception {
    Response response = done.response();
    assertThat(response).isNotNull();
    return PagesRig.text(response);
  }

  private DeviceNotes notes(String address) throws Exception {
    return seen.inventory().device(address).orElseThrow().device().notes();
  }

  private Done edit(String address, String version, Map<String, String> values) throws Exception {
    Map<String, String> fields = new HashMap<>(values);
    fields.put("address", address);
    fields.put("version", version);
    return act("/devices/edit", fields);
  }

  private Done load(String table, String apply) throws Exception {
    return act("/devices/import", Map.of("csv", table, "apply", apply));
  }

  /** The version in the preview of a table. */
  private String version(String table) throws Exception {
    return load(table, "").change().after().replaceAll("preview ([^:]*):.*", "$1");
  }

  @Test
  void anOperatorWritesAndTheAuditLogHasBothValues() throws Exception {
    String version = notes("2001:db8::7").version();
    Done saved =
        edit(
            "2001:db8::7",
            version,
            Map.of("owner", "it@contoso.com", "place", "2nd floor", "tags", "vip printers"));
    assertThat(saved.page()).isEqualTo("/devices/2001%3Adb8%3A%3A7");
    assertThat(saved.notice()).isEqualTo("Saved.");
    assertThat(saved.change().object()).isEqualTo("2001:db8::7");
    assertThat(saved.change().before()).isEqualTo("owner=; place=; tags=");
    assertThat(saved.change().after())
        .isEqualTo("owner=it@contoso.com; place=2nd floor; tags=printers vip");
    assertThat(notes("2001:db8::7").tags()).containsExactly("printers", "vip");

    Done cleared =
        edit("2001:db8::7", notes("2001:db8::7").version(), Map.of("place", "", "tags", "vip"));
    assertThat(cleared.change().before()).isEqualTo("place=2nd floor; tags=printers vip");
    assertThat(notes("2001:db8::7").values()).containsExactly("it@contoso.com", "", "vip", "");
    assertThat(cleared.records()).containsExactly(cleared.change());
    Done same = edit("2001:db8::7", "", Map.of());
    assertThat(same.notice()).isEqualTo("Nothing has changed.");
    assertThat(same.records()).isEmpty();
  }

  @Test
  void signedInPeopleReadWhyASignInFailed() throws Exception {
    seen.failed("10.0.0.1", NOW, "mail", CloseReason.SIGN_IN_FAILED).write();
    String cause = "allowed for 10.1.2.0/24, not for address 10.0.0.1.";
    assertThat(devicePage(Visitor.By.SESSION))
        .contains(cause)
        .doesNotContain("Open the device's page");
    assertThat(devicePage(Visitor.By.NOTHING))
        .contains("names what is wrong with login, password or network")
        .doesNotContain(cause);
  }

  private String devicePage(Visitor.By by) throws Exception {
    Visitor visitor =
        new Visitor(by == Visitor.By.SESSION ? "ops" : "", Role.VIEWER, by, each -> "token");
    Request request = new Request("/devices/10.0.0.1", "10.0.0.1", Map.of(), Map.of(), visitor);
    for (ResourcePath route : pages.routes()) {
      if (route.pattern().equals("/devices/{address}")) {
        return PagesRig.text(route.resource().answer(request));
      }
    }
    throw new AssertionError("no page of a device");
  }

  @Test
  void theSecondPersonSeesThatTheFirstChangedIt() throws Exception {
    String version = notes("10.0.0.1").version();
    edit("10.0.0.1", version, Map.of("owner", "first@contoso.com"));
    Done second = edit("10.0.0.1", version, Map.of("owner", "second@contoso.com"));
    assertThat(second.change().result()).isEqualTo(Result.REFUSED);
    Response response = second.response();
    assertThat(response).isNotNull();
    assertThat(response.status()).isEqualTo(409);
    assertThat(text(second))
        .contains("Not saved: another person has changed this device", "first@contoso.com");
    assertThat(notes("10.0.0.1").owner()).isEqualTo("first@contoso.com");
  }

  @Test
  void refusesUnknownDevicesAndWrongTags() {
    assertThatThrownBy(() -> edit("10.9.9.9", "", Map.of("owner", "x")))
        .isInstanceOf(BadRequestException.class)
        .hasMessage("no device was seen at this address");
    assertThatThrownBy(() -> edit("10.0.0.1", "", Map.of("tags", "A B")))
        .isInstanceOf(BadRequestException.class)
        .hasMessageStartingWith("tags: at most 8");
  }

  @Test
  void previewsTheFateOfEachLineAndAppliesIt() throws Exception {
    edit("10.0.0.2", "", Map.of("owner", "old"));
    String table =
        String.join(
            "\r\n",
            "\ufeffAddress;MAC;Name;Owner;Tags",
            "10.0.0.2;;;new;vip",
            ";00-1B-63-84-45-E6;;mac@contoso.com;",
            ";;prn-1;named;printers",
            "10.0.0.3",
            "10.9.9.9;;;x;",
            ";;phone;x;",
            "010.0.0.2x;;;x;",
            "10.0.0.2;;;again;",
            "2001:DB8:0::7;;;x;Not-A-Tag",
            "");
    Done preview = load(table, "");
    assertThat(preview.change().after())
        .endsWith(": 3 lines changed, 1 line unchanged, 2 lines unknown, 3 lines refused");
    assertThat(text(preview))
        .contains("Nothing has changed yet", "owner: <bdi>old</bdi> → <bdi>new</bdi>")
        .contains("10.0.0.1 PRN-1", MAC_DEVICE, "2 devices have this name; write the address")
        .contains("line 2 is about the same device", "tags: at most 8");
    assertThat(preview.records()).as("a preview changes nothing").isEmpty();
    assertThat(notes("10.0.0.2").owner()).isEqualTo("old");

    Done applied = load(table, version(table));
    assertThat(applied.notice()).isEqualTo("3 devices changed.");
    assertThat(applied.page()).isEqualTo("/devices");
    assertThat(applied.change().object()).isEqualTo("3 devices");
    assertThat(applied.change().before())
        .isEqualTo(
            "10.0.0.2 owner=old; 10.0.0.2 tags=; %s owner=; 10.0.0.1 owner=; 10.0.0.1 tags="
                .formatted(MAC_DEVICE));
    assertThat(applied.records())
        .containsExactly(
            Change.done("10.0.0.2", "owner=old; tags=", "owner=new; tags=vip"),
            Change.done(MAC_DEVICE, "owner=", "owner=mac@contoso.com"),
            Change.done("10.0.0.1", "owner=; tags=", "owner=named; tags=printers"));
    assertThat(notes("10.0.0.2").values()).containsExactly("new", "", "vip", "");
    assertThat(notes(MAC_DEVICE).owner()).isEqualTo("mac@contoso.com");
    assertThat(notes("10.0.0.1").tags()).containsExactly("printers");
    assertThat(notes("10.0.0.3")).isEqualTo(DeviceNotes.NONE);
    assertThat(notes("2001:db8::7")).isEqualTo(DeviceNotes.NONE);
  }

  @Test
  void appliesNothingIfADeviceChangedAfterThePreview() throws Exception {
    String table = "address,owner\n10.0.0.1,mine\n10.0.0.2,mine\n";
    String version = version(table);
    edit("10.0.0.1", "", Map.of("owner", "yours"));
    Done stale = load(table, version);
    assertThat(stale.records()).extracting(Change::result).containsExactly(Result.REFUSED);
    assertThat(stale.change().result()).isEqualTo(Result.REFUSED);
    assertThat(text(stale))
        .contains("another person has changed a device since the preview", "yours");
    assertThat(notes("10.0.0.2").owner()).isEmpty();
    assertThat(load(table, version(table)).notice()).isEqualTo("2 devices changed.");
  }

  @Test
  void refusesMoreLinesThanTheAuditLogTakesAtOnce() {
    assertThatThrownBy(() -> load("address,owner\n" + "10.0.0.1,x\n".repeat(5001), ""))
        .isInstanceOf(BadRequestException.class)
        .hasMessage("expected at most 5000 lines; import the others after them");
  }

  @Test
  void aProgramMayApplyWithoutAPreview() throws Exception {
    load("name,place\nprn-1,=cmd|' /C calc'!A0\n", "yes");
    assertThat(notes("10.0.0.1").place()).isEqualTo("=cmd|' /C calc'!A0");
  }

  @Test
  void theExportCanBeImportedAgain() throws Exception {
    edit(
        "10.0.0.1",
        "",
        Map.of("owner", "=SUM(A1)", "place", "a; \"b\", c", "tags", "-x y", "note", "@\u00fc"));
    String csv = PagesRig.text(PagesRig.ask(pages.routes(), "/devices.csv", Map.of()));
    assertThat(csv).contains(",'=SUM(A1),\"a; \"\"b\"\", c\",'-x y,'@\u00fc\r\n");
    assertThat(load(csv, "").change().after()).endsWith(": 5 lines unchanged");
    for (String device : List.of("10.0.0.1", "10.0.0.2")) {
      edit(device, "", Map.of("owner", "", "place", "gone", "tags", "", "note", ""));
    }
    assertThat(load(csv, "yes").notice()).isEqualTo("2 devices changed.");
    assertThat(notes("10.0.0.1").values())
        .containsExactly("=SUM(A1)", "a; \"b\", c", "-x y", "@\u00fc");
    assertThat(notes("10.0.0.2")).isEqualTo(DeviceNotes.NONE);
  }

  @Test
  void refusesATableWithoutTheNeededColumns() {
    for (String table : List.of("address\n10.0.0.1", "owner,place\nx,y", "10.0.0.1,it\n")) {
      assertThatThrownBy(() -> load(table, ""))
          .isInstanceOf(BadRequestException.class)
          .hasMessageContaining("the first line must name the columns");
    }
  }

  @Test
  void ownerAndPlaceAreColumnsIfOneIsFilled() throws Exception {
    assertThat(PagesRig.text(PagesRig.ask(pages.routes(), "/devices", Map.of())))
        .doesNotContain(">Owner</a>", ">Place</a>", "class=\"owner");
    edit("10.0.0.1", "", Map.of("owner", "it"));
    assertThat(PagesRig.text(PagesRig.ask(pages.routes(), "/devices", Map.of())))
        .contains(">Owner</a>")
        .doesNotContain(">Place</a>");
    assertThat(
            PagesRig.text(PagesRig.ask(pages.routes(), "/devices", Map.of("search", "10.0.0.2"))))
        .as("a page without the device that has an owner")
        .contains("10.0.0.2", ">Owner</a>")
        .doesNotContain("10.0.0.1<", ">Place</a>");
  }

  @Test
  void aHeloNameOfSeveralDevicesIsNoName() throws Exception {
    seen.sawNamed("10.7.0.1", NOW, "web", "vm")
        .sawNamed("10.7.0.2", NOW, "web", "vm")
        .sawNamed("10.7.0.3", NOW, "web", "fax-3")
        .write();
    assertThat(PagesRig.text(PagesRig.ask(pages.routes(), "/devices", Map.of())))
        .contains("<bdi>fax-3</bdi>", "<bdi>10.7.0.1</bdi>")
        .doesNotContain("<bdi>vm</bdi>");
    assertThat(
            PagesRig.text(PagesRig.ask(pages.routes(), "/devices", Map.of("search", "10.7.0.1"))))
        .as("a page without the other device of this name")
        .contains("<bdi>10.7.0.1</bdi>")
        .doesNotContain("<bdi>vm</bdi>");
  }

  @Test
  void theReportOfTheSwitchOffCanBeDownloaded() throws Exception {
    for (String file : SwitchOffReport.FILES) {
      Response response = PagesRig.ask(pages.routes(), "/switch-off/" + file, Map.of());
      assertThat(response.headers().get("Content-Disposition")).contains(file);
      assertThat(PagesRig.text(response)).as(file).contains(file.endsWith("html") ? "<h1" : "need");
    }
  }

  @Test
  void theListLeadsWithWhatDistinguishesRows() throws Exception {
    edit("10.0.0.1", "", Map.of("owner", "<b>it</b>", "place", "2nd floor", "tags", "vip"));
    String list = PagesRig.text(PagesRig.ask(pages.routes(), "/devices", Map.of("owner", "B>IT")));
    assertThat(list)
        .contains("1 to 1 of 1 device", "<bdi>&lt;b&gt;it&lt;/b&gt;</bdi>")
        .containsSubsequence(
            ">Name<", ">Address<", ">Owner<", ">Place<", "Latest problem", ">State<")
        .containsSubsequence(
            "<tbody", "<bdi>PRN-1</bdi>", "2nd floor", "tag=vip", "class=\"chip bad\"");
    assertThat(PagesRig.text(PagesRig.ask(pages.routes(), "/devices", Map.of("tag", "vip"))))
        .contains("1 to 1 of 1 device");
    assertThat(PagesRig.text(PagesRig.ask(pages.routes(), "/devices/10.0.0.1", Map.of())))
        .contains("<dt>Place</dt>", "The pages change nothing without users")
        .doesNotContain("<button");
  }
}
