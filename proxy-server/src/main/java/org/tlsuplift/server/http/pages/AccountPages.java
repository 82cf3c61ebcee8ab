package org.tlsuplift.server.http.pages;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.console.ActionForm;
import org.tlsuplift.server.console.FeaturePages;
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
import org.tlsuplift.server.http.Visitor;
import org.tlsuplift.server.http.pages.AccountControl.Changed;
import org.tlsuplift.server.http.pages.AccountControl.Entry;
import org.tlsuplift.server.http.pages.AccountControl.Fate;
import org.tlsuplift.server.http.pages.AccountControl.Preview;
import org.tlsuplift.server.inventory.DeviceCsv;
import org.tlsuplift.server.inventory.Rows;

/**
 * The device accounts, which operators change. Thread-safe.
 *
 * @param authorities the CAs that devices must trust
 * @param journal must have room for the records of an import
 */
public record AccountPages(
    AccountControl control,
    WaysIn waysIn,
    Supplier<List<TrustedAuthority>> authorities,
    AuditJournal journal,
    PageRenderer renderer) {
  private static final String LIST = Navigation.ACCOUNTS.path();
  private static final String ACCOUNT = LIST + "/account/";
  private static final String TABLE = LIST + "/table";
  private static final List<String> COLUMNS =
      List.of("login", "mailbox", "networks", "allowed-senders", "tenant", "disabled", "password");
  private static final ListForm ALL = new ListForm(LIST, List.of("search"));
  private static final int SIZE = 200;
  private static final int MAX_REFUSED = 10;
  private static final int MAX_LIST = 4000;

  private static final Field KEY =
      Field.required("account", "The login or, without one, the networks.", MAX_LIST);
  private static final Field VERSION =
      Field.optional(
          "version", "Of the account when its page was made; nothing to change any.", 64);
  private static final Field MAILBOX = Field.required("mailbox", "The mailbox.", 254);
  private static final Field NETWORKS =
      Field.optional(
          "networks", "The address blocks of the devices, with spaces between.", MAX_LIST);
  private static final Field SENDERS =
      Field.optional("allowed-senders", "Addresses or @domains, with spaces between.", MAX_LIST);
  private static final Field TENANT =
      Field.optional("tenant", "The tenant of the mailbox, if there are several.", 64);
  private static final Field PASSWORD =
      Field.optional(
          "password",
          "Of the device, 8 characters or more; required for programs. The page makes one if it is empty.",
          128);

  public static FeaturePages of(
      AccountControl control,
      WaysIn waysIn,
      Supplier<List<TrustedAuthority>> authorities,
      AuditJournal journal) {
    return FeaturePages.of(
        Navigation.ACCOUNTS,
        renderer -> new AccountPages(control, waysIn, authorities, journal, renderer).group());
  }

  private Action add() {
    return action(
        "add",
        "Add an account.",
        List.of(
            Field.optional("login", "Empty if the network identifies the device.", 255),
            MAILBOX,
            NETWORKS,
            SENDERS,
            TENANT,
            PASSWORD),
        this::add);
  }

  private Action change() {
    return action(
        "change",
        "Change what the form has of an account. Sessions that it no longer admits end within seconds.",
        List.of(
            KEY,
            VERSION,
            Field.optional("mailbox", MAILBOX.description(), MAILBOX.maxLength()),
            NETWORKS,
            SENDERS,
            TENANT,
            Field.optional("disabled", "true or false.", 5)),
        this::change);
  }

  private Action password() {
    return action(
        "password",
        "Give an account another password. Its sessions end within seconds.",
        List.of(KEY, VERSION, PASSWORD),
        this::password);
  }

  private Action remove() {
    return action(
        "remove",
        "Delete an account. Its sessions end within seconds.",
        List.of(KEY, VERSION),
        this::remove);
  }

  private Action load() {
    return action(
        "import",
        "Add and change accounts from a table. Refused lines are left out.",
        CsvForm.FIELDS,
        this::load);
  }

  private static Action action(String name, String summary, List<Field> fields, Action.Work work) {
    return new Action(LIST + "/" + name, LIST, Role.OPERATOR, false, summary, fields, work);
  }

  private FeaturePages.Group group() {
    return new FeaturePages.Group(
        List.of(
            new ResourcePath(LIST, this::list),
            new ResourcePath(LIST + ".csv", this::csv),
            new ResourcePath(ACCOUNT + "{account}", this::account),
            new ResourcePath(
                TABLE, request -> table(request, "", new Preview("", List.of()), List.of(), 200))),
        List.of(add(), change(), password(), remove(), load()));
  }

  /**
   * The list.
   *
   * @param missing why nothing can be changed here; empty if it can
   * @param problem of the accounts file; empty for none
   */
  record AccountsPage(
      PageFrame frame,
      ActionForm add,
      String missing,
      String problem,
      String search,
      String summary,
      List<Row> rows,
      List<String> tenants,
      List<DeviceListPage.Step> pages) {}

  /**
   * An account in the list.
   *
   * @param warning about it; empty for none
   */
  record Row(
      String name,
      String link,
      String mailbox,
      String networks,
      String warning,
      String state,
      String tone) {}

  /**
   * The page of an account.
   *
   * @param toggle enables or disables it
   */
  record AccountPage(
      PageFrame frame,
      Row row,
      Entry entry,
      List<String> tenants,
      ActionForm change,
      ActionForm password,
      ActionForm toggle,
      ActionForm remove,
      Sheet sheet) {}

  /** What to set in the device of an account; the password is shown once. */
  record Sheet(
      String login,
      String password,
      String mailbox,
      List<FirstSteps.WayIn> ways,
      List<TrustedAuthority> cas) {}

  /** New passwords. */
  record SheetsPage(PageFrame frame, String summary, List<Sheet> sheets) {}

  /** A line of a table. */
  record Line(int number, Fate fate) {
    /** The class of the result's colour. */
    String tone() {
      return switch (fate.result()) {
        case "refused" -> "bad";
        case "unchanged" -> "";
        default -> "good";
      };
    }
  }

  /**
   * The page for a table.
   *
   * @param stale whether an account has changed since the preview
   */
  record TablePage(
      PageFrame frame,
      ActionForm form,
      String csv,
      String version,
      boolean stale,
      String summary,
      List<Line> lines) {}

  private Response list(Request request) {
    ListForm form = ALL.of(request);
    String search = form.value("search");
    int number = form.page(new HashMap<>());
    String problem = "";
    List<Row> rows = List.of();
    try {
      Instant now = renderer.now();
      rows =
          control.accounts().stream()
              .map(each -> row(each, now))
              .filter(
                  row ->
                      row.toString()
                          .toLowerCase(Locale.ROOT)
                          .contains(search.toLowerCase(Locale.ROOT)))
              .toList();
    } catch (BadRequestException wrong) {
      problem = PageText.whole(PageText.visible(String.valueOf(wrong.getMessage())));
    }
    List<Row> shown = rows.stream().skip((number - 1L) * SIZE).limit(SIZE).toList();
    return renderer.page(
        "accounts",
        new AccountsPage(
            renderer.frame(request, "Accounts", Navigation.ACCOUNTS),
            renderer.form(request, add()),
            PageText.whole(control.missing()),
            problem,
            search,
            rows.isEmpty()
                ? ""
                : ListParts.summary("account", number, SIZE, shown.size(), rows.size()),
            shown,
            control.tenants(),
            ListParts.steps(number, SIZE, rows.size(), to -> form.onPage(to).link())));
  }

  private static Row row(Entry account, Instant now) {
    String networks = account.field("networks");
    String state =
        account.disabled()
            ? "disabled"
            : account
                .latest()
                .map(last -> "signed in " + PageText.ago(last.at(), now) + " from " + last.from())
                .orElse("waiting for its first sign-in");
    return new Row(
        PageText.visible(account.key()),
        link(account.key()),
        PageText.visible(account.field("mailbox")),
        networks,
        networks.isEmpty() ? "Any address may use it. Add the network of its devices." : "",
        state,
        account.disabled() ? "" : account.latest().isPresent() ? "good" : "warn");
  }

  private static String link(String key) {
    return ACCOUNT + PageText.encoded(key);
  }

  private Response csv(Request request) throws BadRequestException {
    List<String> columns = COLUMNS.subList(0, COLUMNS.size() - 1);
    Rows<Entry> rows = Rows.of(control.accounts());
    return Response.csv(
        "accounts.csv",
        out ->
            rows.csv(
                String.join(",", columns),
                each -> DeviceCsv.row(columns.stream().map(each::field).toArray()),
                out));
  }

  private Entry find(String key) throws BadRequestException {
    return control.accounts().stream()
        .filter(each -> each.key().equals(key))
        .findFirst()
        .orElseThrow(() -> new BadRequestException(404, "there is no account '" + key + "'"));
  }

  private Response account(Request request) {
    try {
      Entry account = find(request.variable());
      return renderer.page(
          "account",
          new AccountPage(
              renderer.frame(request, PageText.visible(account.key()), Navigation.ACCOUNTS),
              row(account, renderer.now()),
              account,
              control.tenants(),
              renderer.form(request, change()),
              renderer.form(request, password()),
              renderer.form(request, change()),
              renderer.form(request, remove()),
              sheet(
                  request,
                  account,
                  control.listeners(Set.of(account.key())).getOrDefault(account.key(), List.of()),
                  "")));
    } catch (BadRequestException gone) {
      return renderer.refused(request, gone.status(), String.valueOf(gone.getMessage()), LIST);
    }
  }

  private Sheet sheet(Request request, Entry account, List<String> listeners, String secret) {
    return new Sheet(
        account.field("login"),
        secret,
        account.field("mailbox"),
        waysIn.settings(PageHost.of(request).forDevices()).stream()
            .filter(way -> listeners.contains(way.listener()))
            .toList(),
        authorities.get().stream()
            .filter(each -> each.state() == TrustedAuthority.State.SIGNING)
            .filter(each -> each.listener().map(listeners::contains).orElse(true))
            .toList());
  }

  /**
   * The changes are made, so this does not fail if another instance has deleted an account since.
   */
  private Response sheets(Request form, String summary, List<Changed> changed) {
    Map<String, String> passwords = new LinkedHashMap<>();
    changed.stream()
        .filter(each -> !each.password().isEmpty())
        .forEach(each -> passwords.put(each.key(), each.password()));
    Map<String, Entry> entries = new HashMap<>();
    Map<String, List<String>> listeners = new HashMap<>();
    try {
      listeners.putAll(control.listeners(passwords.keySet()));
      control.accounts().forEach(each -> entries.put(each.key(), each));
    } catch (BadRequestException unreadable) {
      // The sheets still have the login and the password, which is shown only once.
    }
    List<Sheet> sheets = new ArrayList<>();
    passwords.forEach(
        (key, secret) -> {
          Entry entry = entries.get(key);
          sheets.add(
              entry == null
                  ? new Sheet(key, secret, "", List.of(), List.of())
                  : sheet(form, entry, listeners.getOrDefault(key, List.of()), secret));
        });
    return renderer.page(
        "accountsheets",
        new SheetsPage(
            renderer.frame(form, "New passwords", Navigation.ACCOUNTS), summary, sheets));
  }

  /** The fields that were sent, also empty ones. */
  private static Map<String, String> fields(Request form) {
    Map<String, String> fields = new HashMap<>();
    form.parameters().forEach((name, values) -> fields.put(name, values.get(0)));
    fields.keySet().retainAll(COLUMNS);
    return fields;
  }

  private static String text(Request form, Field field) {
    return form.parameter(field.name()).orElse("");
  }

  private static Change recorded(Changed changed) {
    return Change.done(
        changed.key(),
        changed.before(),
        changed.after() + (changed.password().isEmpty() ? "" : " (new password)"));
  }

  /** Programs get no page with a password, and an account without one could not be used. */
  private static void checkPassword(Request form, String where, boolean needed, String given)
      throws BadRequestException {
    if (needed && form.visitor().by() == Visitor.By.TOKEN && given.isEmpty()) {
      throw new BadRequestException(400, where + "password: missing; only the page makes one");
    }
  }

  private Done add(Request form) throws BadRequestException {
    checkPassword(form, "", form.parameter("login").isPresent(), text(form, PASSWORD));
    Changed added = control.add(fields(form), form.visitor().role());
    return added.password().isEmpty()
        ? Done.to(
            link(added.key()), "Added. Its devices can connect within seconds.", recorded(added))
        : Done.of(
            () -> sheets(form, "The account " + added.key() + " was added.", List.of(added)),
            recorded(added));
  }

  private Done change(Request form) throws BadRequestException {
    Changed changed =
        control.change(text(form, KEY), text(form, VERSION), fields(form), form.visitor().role());
    return Done.to(
        link(changed.key()),
        switch (form.parameter("disabled").orElse("")) {
          case "true" -> "Disabled. Its sessions end within seconds.";
          case "false" -> "Enabled. Its devices can sign in within seconds.";
          default -> "Changed. Sessions that it no longer admits end within seconds.";
        },
        recorded(changed));
  }

  private Done password(Request form) throws BadRequestException {
    checkPassword(form, "", true, text(form, PASSWORD));
    Changed changed =
        control.change(
            text(form, KEY),
            text(form, VERSION),
            Map.of("password", text(form, PASSWORD)),
            form.visitor().role());
    return Done.of(
        () ->
            sheets(
                form, "The account " + changed.key() + " has another password.", List.of(changed)),
        recorded(changed));
  }

  private Done remove(Request form) throws BadRequestException {
    Changed removed = control.remove(text(form, KEY), text(form, VERSION));
    return Done.back(
        "The account " + removed.key() + " was deleted. Its sessions end within seconds.",
        recorded(removed));
  }

  private Done load(Request form) throws BadRequestException {
    String csv = CsvForm.text(form);
    CsvForm table = CsvForm.read(csv);
    if (!COLUMNS.containsAll(table.columns()) || table.lines().size() > CsvForm.MAX_LINES) {
      throw new BadRequestException(
          400,
          "expected at most %s lines with these columns: %s"
              .formatted(CsvForm.MAX_LINES, String.join(", ", COLUMNS)));
    }
    List<Map<String, String>> lines = table.lines().stream().map(CsvForm.Line::cells).toList();
    Preview preview = control.preview(lines, form.visitor().role());
    for (int i = 0; i < lines.size(); i++) {
      CsvForm.Line line = table.lines().get(i);
      boolean isNew = preview.fates().get(i).result().equals("added");
      checkPassword(
          form,
          "line " + line.number() + ": ",
          isNew && !line.cell("login").isEmpty(),
          line.cells().getOrDefault("password", ""));
    }
    String apply = form.parameter("apply").orElse("");
    String refused = refused(table.lines(), preview);
    if (apply.isEmpty()) {
      return Done.of(
              table(form, csv, preview, table.lines(), 200),
              Change.done("", "", "preview " + preview.version() + ": " + words(preview) + refused))
          .recording(List.of());
    }
    if (!apply.equals("yes") && !apply.equals(preview.version())) {
      return Done.of(
          table(form, csv, preview, table.lines(), 409),
          Change.refused("", "another person has changed an account since the preview"));
    }
    if (!refused.isEmpty() && preview.fates().stream().noneMatch(Fate::changes)) {
      return Done.of(
          table(form, csv, preview, table.lines(), 200),
          Change.refused("", words(preview) + refused));
    }
    List<Changed> changed =
        control.apply(
            lines,
            preview.version(),
            form.visitor().role(),
            planned -> CsvForm.reserve(journal, records(planned, refused)));
    Change done =
        Change.done(
            PageText.count(changed.size(), "account"),
            joined(changed, Changed::before),
            joined(changed, Changed::after) + refused);
    String notice = "Imported: " + words(preview) + refused + ".";
    return (changed.stream().allMatch(each -> each.password().isEmpty())
            ? Done.back(notice, done)
            : Done.of(() -> sheets(form, notice, changed), done))
        .recording(records(changed, refused));
  }

  /** A record for each changed account, and one for all refused lines. */
  private static List<Change> records(List<Changed> changed, String refused) {
    return Stream.concat(
            changed.stream().map(AccountPages::recorded),
            refused.isEmpty() ? Stream.of() : Stream.of(Change.refused("", refused.substring(2))))
        .toList();
  }

  /** The first refused lines with their reasons, to be added to other words; or empty. */
  private static String refused(List<CsvForm.Line> lines, Preview preview) {
    List<String> refused =
        IntStream.range(0, lines.size())
            .filter(i -> preview.fates().get(i).result().equals("refused"))
            .mapToObj(i -> "; line " + lines.get(i).number() + ": " + preview.fates().get(i).why())
            .toList();
    int more = refused.size() - MAX_REFUSED;
    return String.join("", refused.subList(0, Math.min(MAX_REFUSED, refused.size())))
        + (more > 0 ? "; and " + more + " more" : "");
  }

  private static String joined(List<Changed> changed, Function<Changed, String> words) {
    return changed.stream()
        .filter(each -> !words.apply(each).isEmpty())
        .map(each -> each.key() + " " + words.apply(each))
        .collect(Collectors.joining("; "));
  }

  /** How many lines have which result. */
  private static String words(Preview preview) {
    return preview.fates().stream()
        .collect(Collectors.groupingBy(Fate::result, TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .map(each -> each.getValue() + " " + each.getKey())
        .collect(Collectors.joining(", "));
  }

  private Response table(
      Request request, String csv, Preview preview, List<CsvForm.Line> lines, int status) {
    return renderer.page(
        "accountimport",
        new TablePage(
            renderer.frame(request, "Import accounts", Navigation.ACCOUNTS),
            renderer.form(request, load()),
            csv,
            preview.version(),
            status == 409,
            words(preview),
            IntStream.range(0, lines.size())
                .mapToObj(i -> new Line(lines.get(i).number(), preview.fates().get(i)))
                .toList()),
        status);
  }
}
