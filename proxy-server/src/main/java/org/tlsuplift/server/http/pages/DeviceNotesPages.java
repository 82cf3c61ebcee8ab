package org.tlsuplift.server.http.pages;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.console.ActionForm;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Action.Done;
import org.tlsuplift.server.http.Action.Field;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.DeviceNotes;
import org.tlsuplift.server.inventory.DeviceNotes.Difference;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Inventory.NotesChange;

/** What operators write about devices: one by one, or from a table. Thread-safe. */
record DeviceNotesPages(
    Optional<Inventory> inventory,
    Callable<Map<String, String>> macs,
    AuditJournal journal,
    PageRenderer renderer,
    DevicePage devicePage) {
  private static final String IMPORT = "/devices/import";

  /** Each line may become a record of the audit log, which must fit into the access log's queue. */
  private static final int MAX_LINES = 5000;

  private Action edit() {
    return new Action(
        "/devices/edit",
        Navigation.DEVICES.path(),
        Role.OPERATOR,
        false,
        "Write the owner, place, tags and note of a device.",
        List.of(
            Field.required("address", "The address of the device.", 64),
            Field.optional("owner", "A person, a team or a mail address.", 254),
            Field.optional("place", "Where it stands.", 100),
            Field.optional("tags", "At most 8 words of a-z, 0-9 and '-'.", 300),
            Field.optional("note", "Anything else.", 500),
            Field.optional("version", "Of the values that the form showed.", 64)),
        this::edit);
  }

  private Action load() {
    return new Action(
        IMPORT,
        IMPORT,
        Role.OPERATOR,
        false,
        "Write the owner, place, tags and note of many devices from a table.",
        CsvForm.FIELDS,
        this::load);
  }

  /** Shows the page of a device. */
  interface DevicePage {
    /**
     * @param typed what another form has typed; empty for the notes of the device
     */
    Response show(
        Inventory inventory,
        Request request,
        PageRenderer renderer,
        String address,
        Map<String, String> typed)
        throws SQLException;
  }

  /**
   * The notes on the page of a device.
   *
   * @param version of the notes
   * @param stale whether another person has changed them since the form was opened
   */
  record Notes(ActionForm form, String version, boolean stale, List<Input> inputs) {
    /** Whether nothing is known. */
    boolean isEmpty() {
      return inputs.stream().allMatch(input -> input.now().isEmpty());
    }
  }

  /**
   * A field.
   *
   * @param value in the form
   * @param now in the inventory
   */
  record Input(String name, String value, String now, int limit) {
    String label() {
      return PageText.sentence(name);
    }
  }

  /**
   * The page for a table.
   *
   * @param csv the table; empty before the preview
   * @param version for the form that applies it; empty if it changes nothing
   * @param stale whether a device has changed since the preview
   */
  record ImportPage(
      PageFrame frame,
      ActionForm form,
      String csv,
      String version,
      boolean stale,
      String summary,
      List<DeviceImport.Line> lines) {}

  List<ResourcePath> routes() {
    return List.of(
        new ResourcePath(IMPORT, request -> page(request, "", new DeviceImport(List.of()), 200)));
  }

  List<Action> actions() {
    return List.of(edit(), load());
  }

  Notes notes(Request request, DeviceRecord device, Map<String, String> typed) {
    List<String> now = device.notes().values();
    return new Notes(
        renderer.form(request, edit()),
        device.notes().version(),
        !typed.isEmpty(),
        IntStream.range(0, now.size())
            .mapToObj(
                i ->
                    new Input(
                        DeviceNotes.FIELDS.get(i),
                        typed.getOrDefault(DeviceNotes.FIELDS.get(i), now.get(i)),
                        PageText.visible(now.get(i)),
                        DeviceNotes.LIMITS.get(i)))
            .toList());
  }

  private Inventory kept() throws BadRequestException {
    return inventory.orElseThrow(() -> new BadRequestException(404, "inventory.enabled is false"));
  }

  private Done edit(Request form) throws Exception {
    String address = form.parameter("address").orElse("");
    DeviceRecord device =
        kept().devices(List.of(address)).stream()
            .findFirst()
            .orElseThrow(() -> new BadRequestException(404, "no device was seen at this address"));
    Map<String, String> typed = new HashMap<>();
    form.parameters().forEach((name, values) -> typed.put(name, values.get(0)));
    typed.keySet().retainAll(DeviceNotes.FIELDS);
    NotesChange change = new NotesChange(address, device.notes(), with(device.notes(), typed));
    String version = form.parameter("version").orElse(change.before().version());
    if (!version.equals(change.before().version()) || !kept().write(List.of(change)).isEmpty()) {
      return Done.of(
          devicePage.show(kept(), form, renderer, address, typed),
          Change.refused(address, "another person has changed it since this form was opened"));
    }
    boolean same = change.before().equals(change.after());
    Change done = recorded(change);
    return Done.to(DeviceListReader.link(address), same ? "Nothing has changed." : "Saved.", done)
        .recording(same ? List.of() : List.of(done));
  }

  private static Change recorded(NotesChange change) {
    return Change.done(
        change.address(),
        words(List.of(change), Difference::before),
        words(List.of(change), Difference::after));
  }

  private static DeviceNotes with(DeviceNotes notes, Map<String, String> typed)
      throws BadRequestException {
    try {
      return notes.with(typed);
    } catch (IllegalArgumentException wrong) {
      throw new BadRequestException(400, String.valueOf(wrong.getMessage()));
    }
  }

  /** The old or new values, for the audit log. */
  private static String words(List<NotesChange> changes, Function<Difference, String> value) {
    List<String> words = new ArrayList<>();
    for (NotesChange each : changes) {
      for (Difference field : each.before().differences(each.after())) {
        String device = changes.size() == 1 ? "" : each.address() + " ";
        words.add(device + field.field() + "=" + value.apply(field));
      }
    }
    return String.join("; ", words);
  }

  private Done load(Request form) throws Exception {
    String csv = CsvForm.text(form);
    CsvForm lines = CsvForm.read(csv);
    if (lines.lines().size() > MAX_LINES) {
      throw new BadRequestException(
          400, "expected at most " + MAX_LINES + " lines; import the others after them");
    }
    DeviceImport table = DeviceImport.read(lines, kept(), macs.call());
    String apply = form.parameter("apply").orElse("");
    if (apply.isEmpty() || table.changes().isEmpty()) {
      return Done.of(
              page(form, csv, table, 200),
              Change.done("", "", "preview " + table.version() + ": " + table.summary()))
          .recording(List.of());
    }
    if (!apply.equals("yes") && !apply.equals(table.version())) {
      return Done.of(
          page(form, csv, table, 409),
          Change.refused("", "another person has changed a device since the preview"));
    }
    CsvForm.reserve(journal, table.changes().stream().map(DeviceNotesPages::recorded).toList());
    List<String> stale = kept().write(table.changes());
    List<NotesChange> done =
        table.changes().stream().filter(each -> !stale.contains(each.address())).toList();
    return Done.to(
            Navigation.DEVICES.path(),
            PageText.count(done.size(), "device")
                + " changed."
                + (stale.isEmpty()
                    ? ""
                    : " Another person has just changed these: " + String.join(", ", stale)),
            Change.done(
                PageText.count(done.size(), "device"),
                words(done, Difference::before),
                words(done, Difference::after)))
        .recording(
            table.changes().stream()
                .map(
                    each ->
                        stale.contains(each.address())
                            ? Change.refused(each.address(), "another person has just changed it")
                            : recorded(each))
                .toList());
  }

  private Response page(Request request, String csv, DeviceImport table, int status) {
    return renderer.page(
        "deviceimport",
        new ImportPage(
            renderer.frame(request, "Import notes about devices", Navigation.DEVICES),
            renderer.form(request, load()),
            csv,
            table.changes().isEmpty() ? "" : table.version(),
            status == 409,
            table.summary(),
            table.lines()),
        status);
  }
}
