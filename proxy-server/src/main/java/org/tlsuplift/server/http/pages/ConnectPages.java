package org.tlsuplift.server.http.pages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.console.ActionForm;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Change.Result;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Action.Field;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.init.SignInSection;
import org.tlsuplift.server.init.TenantForm;
import org.tlsuplift.server.init.TenantSetup;

/**
 * The pages that connect a tenant of Microsoft 365. The query has the answers, so that a page can
 * be opened again when the administrator of the tenant has run the script. Thread-safe.
 */
public record ConnectPages(
    TenantSources tenant, ReloadControl reload, Clock clock, PageRenderer renderer) {
  private static final String CHECK = Navigation.CONNECT.path() + "/check";
  private static final String WRITTEN = "written, but not reloaded: ";
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** A list of mailboxes fits into the query; scripts of several lists add up. */
  private static final int MAX_MAILBOXES = 1000;

  private static final List<Field> ANSWERS =
      List.of(
          // The names of its files have at most 255 characters, and 46 of them are ours.
          Field.required("tenant", "the tenant's ID or domain", 200),
          Field.optional("flow", "application (default) or device-code: who signs in", 16),
          Field.optional("cloud", "worldwide (default), gcc-high, dod or china", 16),
          Field.optional("name", "of the application in the tenant; default: TLS Uplift", 58),
          Field.optional("mailboxes", "mail addresses, separated by commas", MAX_MAILBOXES),
          Field.optional("protocols", "smtp (default), imap, pop3; separated by commas", 32));

  private static final Field IDS =
      Field.required("ids", "the line with the IDs that the script printed", 256);

  private static final Field LISTENERS =
      Field.optional(
          "listeners",
          "the listeners for mail on which devices sign in from now on: names, all or none (default)",
          1000);

  public static FeaturePages of(TenantSources tenant, ReloadControl reload, Clock clock) {
    return FeaturePages.of(
        Navigation.CONNECT, renderer -> new ConnectPages(tenant, reload, clock, renderer).group());
  }

  private Action prepare() {
    return action(
        Navigation.CONNECT.path() + "/prepare",
        Navigation.CONNECT.path(),
        "Make the certificate with which the application signs in, if there is none.",
        with(CsvForm.TABLE.toArray(Field[]::new)),
        this::prepare);
  }

  private Action write() {
    return action(
        Navigation.CONNECT.path() + "/write",
        Navigation.CONNECT.path(),
        "Write the section signIn into the configuration, and reload it.",
        with(
            IDS,
            LISTENERS,
            Field.required("seen", "SHA-256 of the file to change, in hexadecimal", 64)),
        this::write);
  }

  private Action check() {
    return action(
        CHECK + "/run",
        CHECK,
        "Start a check of the set-up.",
        List.of(Field.optional("mailbox", "default: the mailboxes of all accounts", 254)),
        this::check);
  }

  private static Action action(
      String path, String page, String summary, List<Field> fields, Action.Work work) {
    return new Action(path, page, Role.ADMINISTRATOR, false, summary, fields, work);
  }

  private static List<Field> with(Field... more) {
    List<Field> all = new ArrayList<>(ANSWERS);
    all.addAll(List.of(more));
    return all;
  }

  /**
   * The texts of the page.
   *
   * @param state whether a tenant is connected
   * @param headline what is proven
   * @param continues where to enter the IDs of this tenant; empty if they are known
   * @param answers by field
   * @param problems by field; without a field for the page
   * @param kept the mailboxes of the latest table for this tenant
   * @param csv the lines of a table that were sent
   * @param scripts for the administrator of the tenant; null before the first step
   * @param listeners for mail, on which devices do not sign in yet
   * @param configuration its change; null before the IDs are known
   */
  record ConnectPage(
      PageFrame frame,
      ActionForm prepare,
      ActionForm write,
      TenantSources.State state,
      TenantSources.Headline headline,
      String continues,
      Map<String, String> answers,
      Map<String, String> problems,
      List<String> kept,
      String csv,
      @Nullable Scripts scripts,
      List<String> listeners,
      @Nullable Addition configuration) {
    String answer(String field) {
      return answers.getOrDefault(field, "");
    }

    String problem(String field) {
      return problems.getOrDefault(field, "");
    }

    List<String> clouds() {
      return TenantForm.clouds();
    }

    /** Another form repeats the answers. */
    List<String> fields() {
      return ANSWERS.stream().map(Field::name).toList();
    }
  }

  /**
   * The scripts.
   *
   * @param sha256 of the certificate; empty if users sign in
   * @param until the last day of the certificate
   * @param key the file of its key
   * @param texts by name of the file
   * @param query of the links
   */
  record Scripts(
      String sha256, String until, String key, Map<String, String> texts, String query) {}

  /**
   * The texts of the page with the check.
   *
   * @param run the latest check; null if there was none since the start
   */
  record CheckPage(PageFrame frame, ActionForm check, Steps.@Nullable Run run) {}

  private FeaturePages.Group group() {
    List<ResourcePath> routes =
        new ArrayList<>(
            List.of(
                new ResourcePath(
                    Navigation.CONNECT.path(), request -> page(request, Map.of(), 200)),
                new ResourcePath(CHECK, this::checkPage)));
    for (String script : TenantForm.scripts()) {
      routes.add(
          new ResourcePath(
              Navigation.CONNECT.path() + "/" + script, request -> download(request, script)));
    }
    return new FeaturePages.Group(routes, List.of(prepare(), write(), check()));
  }

  private static Map<String, String> answers(Request request) {
    return with(IDS, LISTENERS).stream()
        .filter(field -> request.parameter(field.name()).isPresent())
        .collect(
            Collectors.toMap(
                Field::name,
                field -> request.parameter(field.name()).orElseThrow(),
                (first, second) -> first,
                LinkedHashMap::new));
  }

  private TenantForm form(Map<String, String> answers) {
    return new TenantForm(answers, tenant.data());
  }

  /** The page as far as the answers lead. */
  private Response page(Request request, Map<String, String> more, int status) {
    Map<String, String> answers = answers(request);
    TenantSources.State state = tenant.state().get();
    TenantForm form = form(answers);
    Map<String, String> problems =
        new LinkedHashMap<>(answers.isEmpty() ? Map.of() : form.problems());
    problems.putAll(more);
    Scripts scripts = null;
    SignInSection.Change change = null;
    String ids = answers.getOrDefault(IDS.name(), "");
    try {
      if (!answers.isEmpty()
          && form.problems().isEmpty()
          && (form.isForUsers() || form.files().exists())) {
        scripts = scripts(form, answers);
        change = ids.isEmpty() ? null : section(form, ids).change(listeners(answers));
      }
    } catch (OperatorException | IOException wrong) {
      problems.putIfAbsent(
          scripts == null ? "" : IDS.name(),
          PageText.visible(String.valueOf(wrong.getMessage()).replaceAll("\\s+", " ")));
    }
    return renderer.page(
        "connect",
        new ConnectPage(
            renderer.frame(request, "Connect Microsoft 365", Navigation.CONNECT),
            renderer.form(request, prepare()),
            renderer.form(request, write()),
            state,
            tenant.headline(state),
            state.pending()
                ? Navigation.CONNECT.path() + query(state.answers()) + "#ids-title"
                : "",
            answers.isEmpty() ? state.answers() : answers,
            problems,
            form(answers.isEmpty() ? state.answers() : answers).kept(),
            request.parameter("csv").orElse(""),
            scripts,
            scripts == null ? List.of() : candidates(),
            change == null ? null : addition(change, answers)),
        status);
  }

  /**
   * A change of the configuration.
   *
   * @param seen the hash of the file
   * @param listeners on which devices sign in from now on
   * @param command what writes it; empty if the daemon can write the file
   * @param secondPart the command for the administrator with the IDs; empty without all of them
   */
  record Addition(
      String file,
      String seen,
      List<String> added,
      String listeners,
      String warning,
      String command,
      String secondPart) {}

  private Addition addition(SignInSection.Change change, Map<String, String> answers) {
    Path file = tenant.configuration().orElseThrow();
    String ids = answers.getOrDefault(IDS.name(), "");
    return new Addition(
        file.toString(),
        Digests.sha256(change.before()),
        change.added(),
        String.join(", ", change.listeners()),
        change.warning(),
        Files.isWritable(file.resolveSibling("")) ? "" : form(answers).command(ids, file),
        TenantSetup.secondPart(ids));
  }

  /** The listeners on which devices could sign in; none if the file cannot be read. */
  private List<String> candidates() {
    try {
      Optional<Path> file = tenant.configuration();
      return file.isEmpty() ? List.of() : SignInSection.candidates(file.get());
    } catch (OperatorException wrong) {
      // The change of the file says why.
      return List.of();
    }
  }

  private static String listeners(Map<String, String> answers) {
    return answers.getOrDefault(LISTENERS.name(), "none");
  }

  private static Scripts scripts(TenantForm form, Map<String, String> answers)
      throws OperatorException {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String file : TenantForm.scripts()) {
      texts.put(file, form.script(file).replace(BYTE_ORDER_MARK, ""));
    }
    X509Certificate certificate = form.certificate().orElse(null);
    return certificate == null
        ? new Scripts("", "", "", texts, query(answers))
        : new Scripts(
            Fingerprint.sha256(certificate),
            PageText.day(
                LocalDate.ofInstant(certificate.getNotAfter().toInstant(), ZoneOffset.UTC)),
            form.scripted().key().toString(),
            texts,
            query(answers));
  }

  private static String query(Map<String, String> answers) {
    return answers.entrySet().stream()
        .map(answer -> answer.getKey() + "=" + PageText.encoded(answer.getValue()))
        .collect(Collectors.joining("&", "?", ""));
  }

  private SignInSection section(TenantForm form, String ids) throws OperatorException {
    Path file =
        tenant
            .configuration()
            .orElseThrow(
                () ->
                    new OperatorException(
                        "the daemon runs with the built-in configuration; write a file with 'tls-uplift init', and start the daemon with it"));
    return form.section(ids, file);
  }

  private Response download(Request request, String file) throws BadRequestException {
    TenantForm form = form(answers(request));
    try {
      if (form.problems().isEmpty() && (form.isForUsers() || form.files().exists())) {
        return Response.text(200, "text/plain; charset=utf-8", form.script(file)).asFile(file);
      }
    } catch (OperatorException unreadable) {
      throw new BadRequestException(409, String.valueOf(unreadable.getMessage()));
    }
    return renderer.problem(
        404, "No such script", "Answer the questions on the page Connect Microsoft 365 first.");
  }

  private Action.Done prepare(Request form) {
    Map<String, String> answers = answers(form);
    TenantForm filled = form(answers);
    String name = answers.getOrDefault("tenant", "");
    Map<String, String> problems = filled.problems();
    String csv = CsvForm.text(form);
    try {
      List<String> table = csv.isEmpty() ? List.of() : mailboxes(csv);
      if (problems.isEmpty()) {
        String certificate =
            filled.prepare(clock).map(Fingerprint::sha256).orElse("none: users sign in");
        if (!csv.isEmpty()) {
          filled.keep(table);
          answers.remove("mailboxes");
        }
        return Action.Done.to(
            Navigation.CONNECT.path() + query(answers) + "#script-title",
            "",
            Change.done(name, "", "certificate " + certificate));
      }
    } catch (BadRequestException wrong) {
      problems.put("file", PageText.visible(String.valueOf(wrong.getMessage())));
    } catch (OperatorException | IOException failed) {
      problems = Map.of("", PageText.whole(String.valueOf(failed.getMessage())));
    }
    return Action.Done.of(
        page(form, problems, 400), Change.refused(name, String.join("; ", problems.values())));
  }

  /** The mailboxes of a table: its column {@code mailbox}, or lines without headings. */
  private static List<String> mailboxes(String csv) throws BadRequestException {
    CsvForm table = CsvForm.read(csv);
    List<CsvForm.Line> lines = new ArrayList<>(table.lines());
    boolean named = table.columns().contains("mailbox");
    if (!named) {
      lines.add(0, CsvForm.Line.of(1, table.columns(), table.columns()));
    }
    if (lines.isEmpty() || lines.size() > CsvForm.MAX_LINES) {
      throw new BadRequestException(
          400, "got %d mailboxes; expected 1 to %d".formatted(lines.size(), CsvForm.MAX_LINES));
    }
    Set<String> found = new LinkedHashSet<>();
    for (CsvForm.Line line : lines) {
      String cell = named ? line.cell("mailbox") : String.join("; ", line.cells().values()).strip();
      String written = cell + (line.surplus() ? "; ..." : "");
      try {
        found.add(TenantForm.mailbox(written));
      } catch (IllegalArgumentException wrong) {
        throw new BadRequestException(
            400,
            "line %d: %s, alone or in a column that the first line calls 'mailbox'"
                .formatted(line.number(), wrong.getMessage()));
      }
    }
    return List.copyOf(found);
  }

  private Action.Done write(Request form) throws OperatorException, IOException {
    Map<String, String> answers = answers(form);
    String name = answers.getOrDefault("tenant", "");
    if (!form(answers).problems().isEmpty()) {
      return refused(form, name, "", "the answers have errors");
    }
    SignInSection section;
    SignInSection.Change change;
    try {
      section = section(form(answers), answers.getOrDefault(IDS.name(), ""));
      change = section.change(listeners(answers));
    } catch (OperatorException | IOException wrong) {
      return refused(form, name, IDS.name(), String.valueOf(wrong.getMessage()));
    }
    if (!Digests.sha256(change.before()).equals(form.parameter("seen").orElse(""))) {
      return refused(
          form, name, "", "the configuration has changed meanwhile; check the change again");
    }
    try {
      section.write(change, line -> {}, clock);
    } catch (IOException failed) {
      return refused(
          form,
          name,
          "",
          "the daemon cannot write the file ("
              + failed
              + "); add the lines to it as another user, and reload");
    }
    ReloadControl.Result result = reload.reload(form.visitor().name() + " at the admin port");
    return result.problems().isEmpty()
        ? Action.Done.to(
            CHECK,
            "The configuration is written and in use. "
                + (change.warning().isEmpty() ? "" : PageText.whole(change.warning()) + " ")
                + "Add an account for each device, and check the steps.",
            Change.done(name, "", change.summary()))
        : refused(form, name, "", WRITTEN + result.problems().get(0))
            .recording(
                List.of(new Change(name, "", WRITTEN + result.problems().get(0), Result.FAILED)));
  }

  private Action.Done refused(Request form, String object, String field, String why) {
    return Action.Done.of(
        page(form, Map.of(field, PageText.visible(why)), 409), Change.refused(object, why));
  }

  private Response checkPage(Request request) {
    return renderer.page(
        "connectcheck",
        new CheckPage(
            renderer.frame(request, "Check the tenant", Navigation.CONNECT),
            renderer.form(request, check()),
            tenant.steps().latest().orElse(null)));
  }

  private Action.Done check(Request form) throws Exception {
    String what = form.parameter("mailbox").orElse("the mailboxes of all accounts");
    if (tenant.steps().latest().filter(Steps.Run::running).isPresent()) {
      tenant.hurry().run();
      return Action.Done.back(
          "The check that is running continues at once.", Change.done(what, "", "continued"));
    }
    try {
      tenant
          .steps()
          .start(
              PageText.visible("Check of " + what), tenant.check().of(form.parameter("mailbox")));
    } catch (IllegalArgumentException | OperatorException wrong) {
      throw new BadRequestException(400, String.valueOf(wrong.getMessage()));
    }
    return Action.Done.back("", Change.done(what, "", "started"));
  }
}
