package org.tlsuplift.server.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.audit.AuditRecord.Actor;
import org.tlsuplift.server.audit.AuditRecord.Via;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Change.Result;
import org.tlsuplift.server.http.AdminAccessFilter.FetchMetadata;
import org.tlsuplift.server.metrics.SignInRefusal;

/**
 * Answers forms: checks who sent them and that no other site did, runs the action, and records it.
 */
final class Actions {
  /** The page with the form to sign in, and where that form is sent. */
  static final String SIGN_IN = "/sign-in";

  static final String SIGN_OUT = "/sign-out";

  /** The field with the token of a form. */
  static final String TOKEN = "form-token";

  private static final Logger log = LoggerFactory.getLogger(Actions.class);
  private static final String API = "/api";
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Also in place of a page with a new password, which can be made again. */
  private static final String UNRECORDED =
      "the change was made, but the audit log does not have it: it could not be written after the change; do not repeat the change, and make room on the disk of the data directory";

  private static final int MAX_NAME = 64;

  final AdminSpec spec;
  private final SignIns signIns;
  final AdminSessions sessions;
  final ActionRates rates;
  final SignInRefusals refusals;
  private final AdminThreads threads;
  final Clock clock;
  private final Map<String, Action> byPath = new HashMap<>();

  Actions(
      AdminSpec spec,
      SignIns signIns,
      AdminSessions sessions,
      ActionRates rates,
      SignInRefusals refusals,
      AdminThreads threads,
      Clock clock) {
    this.spec = spec;
    this.signIns = signIns;
    this.sessions = sessions;
    this.rates = rates;
    this.refusals = refusals;
    this.threads = threads;
    this.clock = clock;
    for (Action action : spec.actions()) {
      if (byPath.put(action.path(), action) != null) {
        throw new IllegalArgumentException("two actions for " + action.path());
      }
    }
  }

  /** How many bytes a form may have that is sent to a path; 0 if none may be. */
  int maxForm(String path) {
    Action action = byPath.get(pagePath(path));
    return action != null && action.takesFiles()
        ? AdminLimits.MAX_IMPORT
        : action != null || Set.of(SIGN_IN, SIGN_OUT).contains(path) ? AdminLimits.MAX_FORM : 0;
  }

  private static String pagePath(String path) {
    return ErrorResponses.isForScripts(path) ? path.substring(API.length()) : path;
  }

  /** The page to open after a sign-in, for a form that was sent to this path. */
  String pageOf(String path) {
    Action action = byPath.get(path);
    return action == null ? "/" : action.page();
  }

  /**
   * The response to a form. Fails as a {@link Resource} does. Never blocks. Nothing reads the
   * fields before the sender may send them, and no event loop does.
   *
   * @param body the fields, as browsers encode them
   */
  CompletableFuture<Response> answer(
      HttpHeaders headers, String path, byte[] body, InetAddress from, Visitor visitor) {
    Request head = RequestReader.read(path, headers, "", visitor);
    String missing = spec.missingForActions();
    if (!missing.isEmpty()) {
      return refused(head, 403, missing);
    }
    if (!rates.allows(from)) {
      return tooMany(head);
    }
    Fields fields =
        files -> threads.forms.call(() -> RequestReader.form(head, headers, body, files), LIMIT);
    if (ErrorResponses.isForScripts(path)) {
      return byProgram(head, fields, from);
    }
    if (!FetchMetadata.isOwnForm(headers, spec.isHttps(), spec.front().origin())) {
      return refused(head, 403, "this form was not sent by a page of this port");
    }
    Optional<String> session = Cookies.session(headers, spec.isHttps());
    if (path.equals(SIGN_IN)) {
      return fields.read(false).thenCompose(form -> signIn(form, session, from));
    }
    if (visitor.by() != Visitor.By.SESSION || session.isEmpty()) {
      return refused(
          head,
          403,
          "sign in at "
              + SIGN_IN
              + " first; programs use the path below /api with a token of admin.tokens");
    }
    return byPerson(head, fields, session.get(), from);
  }

  /** Reads the fields of a form. */
  private interface Fields {
    /**
     * Fails with {@link BadRequestException} if they cannot be read.
     *
     * @param files whether files may be among them
     */
    CompletableFuture<Request> read(boolean files);
  }

  private CompletableFuture<Response> byPerson(
      Request head, Fields fields, String session, InetAddress from) {
    Visitor visitor = head.visitor();
    if (!rates.allows(visitor.key())) {
      return tooMany(head);
    }
    Action action = byPath.get(head.path());
    if (action != null && !visitor.role().includes(action.role())) {
      return lacksRole(head, action, from, Via.PAGES);
    }
    return fields
        .read(action != null && action.takesFiles())
        .thenCompose(form -> byPerson(form, action, session, from));
  }

  private CompletableFuture<Response> byPerson(
      Request form, @Nullable Action action, String session, InetAddress from) {
    Visitor visitor = form.visitor();
    if (!sessions.takeForm(session, form.path(), form.parameter(TOKEN).orElse(""))) {
      return refused(
          form,
          403,
          "this form was sent already, or is too old; open its page again and repeat it");
    }
    if (action == null) {
      sessions.end(session);
      return onThread(
          () -> {
            log(visitor, from, Via.PAGES, "sign-out", List.of(Change.done("", "", "")));
            return to(SIGN_IN + "?problem=out").with("Set-Cookie", Cookies.delete(spec.isHttps()));
          });
    }
    if (action.fresh() && !sessions.isFresh(session)) {
      return CompletableFuture.completedFuture(
          to(SIGN_IN + "?problem=again&next=" + encoded(action.page())));
    }
    return run(
        action,
        form,
        from,
        Via.PAGES,
        done -> {
          Response shown = done.response();
          if (shown != null) {
            return shown;
          }
          String page = done.page().isEmpty() ? action.page() : done.page();
          sessions.keepNotice(session, page, done.notice());
          return to(page);
        });
  }

  private CompletableFuture<Response> byProgram(Request head, Fields fields, InetAddress from) {
    Visitor visitor = head.visitor();
    Action action = byPath.get(pagePath(head.path()));
    if (visitor.by() != Visitor.By.TOKEN || action == null) {
      return refused(
          head, 403, "use a token of admin.tokens; a password with a request changes nothing");
    }
    if (!rates.allows("token " + visitor.name())) {
      return tooMany(head);
    }
    if (!visitor.role().includes(action.role())) {
      return lacksRole(head, action, from, Via.API);
    }
    if (action.fresh()) {
      return refused(head, 403, "this needs a person who enters a password; use its page");
    }
    return fields
        .read(action.takesFiles())
        .thenCompose(form -> run(action, form, from, Via.API, done -> json(action, done.change())));
  }

  private CompletableFuture<Response> lacksRole(
      Request form, Action action, InetAddress from, Via via) {
    String why = form.visitor().lacks(action.role());
    return onThread(
        () -> {
          log(form.visitor(), from, via, action.name(), List.of(Change.refused("", why)));
          return refusal(form, 403, why);
        });
  }

  private CompletableFuture<Response> run(
      Action action,
      Request form,
      InetAddress from,
      Via via,
      Function<Action.Done, Response> response) {
    return onThread(
        () -> {
          try {
            spec.journal().check();
          } catch (IOException failed) {
            log.error("the audit log cannot be written: {}", failed.getMessage());
            return refusal(
                form, 503, "nothing was changed, because the audit log cannot be written");
          }
          List<Change> changes = List.of(new Change("", "", "", Result.FAILED));
          Response result;
          try {
            Map<String, List<String>> fields = new LinkedHashMap<>(form.parameters());
            fields.remove(TOKEN);
            action.check(fields);
            Action.Done done = action.work().act(form);
            changes = done.records();
            result = response.apply(done);
          } catch (BadRequestException refused) {
            changes = List.of(refused.change());
            result =
                via == Via.API && refused.status() == 409
                    ? json(action, refused.change())
                    : refusal(form, refused.status(), String.valueOf(refused.getMessage()));
          } finally {
            if (!record(form.visitor(), from, via, action.name(), changes)
                && changes.stream().anyMatch(each -> each.result() == Result.DONE)) {
              result = refusal(form, 500, UNRECORDED);
            }
          }
          return result;
        });
  }

  void log(Visitor visitor, InetAddress from, Via via, String action, List<Change> changes) {
    var unused = record(visitor, from, via, action, changes);
  }

  /** Returns whether the audit log has the changes. */
  private boolean record(
      Visitor visitor, InetAddress from, Via via, String action, List<Change> changes) {
    if (changes.isEmpty()) {
      return true;
    }
    Actor actor =
        new Actor(
            visitor.name(),
            visitor.subject(),
            visitor.by() == Visitor.By.NOTHING ? "" : visitor.role().label(),
            from.getHostAddress(),
            via);
    try {
      spec.journal().append(AuditRecord.of(clock.instant(), actor, action, changes));
      return true;
    } catch (IOException failed) {
      spec.journal().missed();
      log.atError()
          .addKeyValue("action", action)
          .addKeyValue("user", visitor.name())
          .addKeyValue("detail", String.valueOf(failed.getMessage()))
          .log("an action is missing in the audit log");
      return false;
    }
  }

  private interface Work {
    Response run() throws Exception;
  }

  /** One after the other, so that two people do not change one thing at the same time. */
  private CompletableFuture<Response> onThread(Work work) {
    return threads
        .actions
        .call(work::run, LIMIT)
        .exceptionally(
            failure -> {
              throw new CompletionException(
                  failure instanceof TimeoutException
                      ? new BadRequestException(
                          503,
                          "no response within a minute; look at the result before you repeat it, because it may have happened")
                      : failure);
            });
  }

  private CompletableFuture<Response> signIn(
      Request form, Optional<String> session, InetAddress from) {
    String next = own(form.parameter("next").orElse("/"));
    String name = form.parameter("name").orElse("").strip();
    String password = form.parameter("password").orElse("");
    Optional<AdminCredential> credential =
        name.length() > MAX_NAME || password.length() > AdminCredential.MAX_PASSWORD
            ? Optional.empty()
            : Optional.of(new AdminCredential.Basic(name, password));
    return signIns
        .judge(from, credential)
        .toCompletableFuture()
        .thenCompose(result -> signedIn(result, next, session, from));
  }

  private CompletableFuture<Response> signedIn(
      SignIns.Result result, String next, Optional<String> session, InetAddress from) {
    Optional<AdminAccess.User> user =
        result instanceof SignIns.Result.Granted granted
            ? spec.access().users().stream()
                .filter(each -> each.name().equals(granted.visitor().name()))
                .findFirst()
            : Optional.empty();
    if (user.isEmpty()) {
      SignInRefusal why =
          result instanceof SignIns.Result.Slowed
              ? SignInRefusal.SLOWED
              : result instanceof SignIns.Result.Busy ? SignInRefusal.BUSY : SignInRefusal.WRONG;
      refusals.refused(from, why);
      return CompletableFuture.completedFuture(
          to(SIGN_IN + "?problem=" + why.label() + "&next=" + encoded(next)));
    }
    // The id of the request may be of an attacker, so it is not used again.
    session.ifPresent(sessions::end);
    return onThread(
        () -> {
          log(
              new Visitor(user.get().name(), user.get().role(), Visitor.By.SESSION),
              from,
              Via.PAGES,
              "sign-in",
              List.of(Change.done("", "", "")));
          return to(next)
              .with("Set-Cookie", Cookies.set(sessions.begin(user.get()), spec.isHttps()));
        });
  }

  /** A path of this port and nothing else, because an address of the sender's could lead away. */
  static String own(String next) {
    return next.matches("/(?![/\\\\])[!-\\[\\]-~]{0,1000}") ? next : "/";
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** RFC 9110 section 15.4.4: the browser gets the next page. */
  static Response to(String target) {
    return Response.text(303, "text/plain; charset=utf-8", "").with("Location", target);
  }

  /** A form for the sign-in, with the way back. */
  static Response toSignIn(String next) {
    return to(SIGN_IN + "?next=" + encoded(own(next)));
  }

  CompletableFuture<Response> tooMany(Request form) {
    return CompletableFuture.completedFuture(
        refusal(
                form,
                429,
                "more than " + ActionRates.MAX + " forms in a minute; try again in a minute")
            .with("Retry-After", Long.toString(ActionRates.PERIOD.toSeconds())));
  }

  private CompletableFuture<Response> refused(Request form, int status, String why) {
    return CompletableFuture.completedFuture(refusal(form, status, why));
  }

  /** A page for people, a problem detail for programs. */
  Response refusal(Request request, int status, String why) {
    return ErrorResponses.isForScripts(request.path())
        ? ErrorResponses.of(request.path(), status, why)
        : spec.problemPage().of(request, status, why, pageOf(request.path()));
  }

  private static Response json(Action action, Change change) {
    StringBuilder json = new StringBuilder("{");
    List.of(
            Map.entry("action", action.name()),
            Map.entry("object", change.object()),
            Map.entry("before", change.before()),
            Map.entry("after", change.after()),
            Map.entry("result", change.result().label()))
        .forEach(
            field ->
                json.append(json.length() == 1 ? "" : ",")
                    .append(ErrorResponses.quoted(field.getKey()))
                    .append(':')
                    .append(ErrorResponses.quoted(field.getValue())));
    return Response.text(
        change.result() == Result.DONE ? 200 : 409, "application/json", json + "}\n");
  }
}
