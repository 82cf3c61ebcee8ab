package org.tlsuplift.server.spool;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.tlsuplift.server.console.ActionForm;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.NavigationItem;
import org.tlsuplift.server.console.NextStep;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.console.Parameters;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Change.Result;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Action.Field;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;

/** The messages that wait for delivery, which operators change. Thread-safe. */
public final class WaitingPages implements FeaturePages {
  private static final String PATH = "/waiting";

  /** A message is tried at once; until then it waits without a problem. */
  private static final Duration SOON = Duration.ofMinutes(2);

  private static final List<Field> FIELDS = List.of(Field.required("id", "The message.", 64));

  private final Supplier<Optional<SpoolStore>> source;
  private final Function<List<String>, Map<String, String>> names;
  private final Clock clock;
  private final NavigationItem item;
  private final Map<SpoolChange, Action> actions = new EnumMap<>(SpoolChange.class);
  private final Action all;

  /**
   * @param source empty if no listener keeps messages
   * @param names the names of devices by their addresses, as far as they are known
   */
  public WaitingPages(
      Supplier<Optional<SpoolStore>> source,
      Function<List<String>, Map<String, String>> names,
      Clock clock) {
    this.source = source;
    this.names = names;
    this.clock = clock;
    this.item =
        new NavigationItem(
            40,
            PATH,
            "Waiting",
            () -> source.get().isPresent(),
            () -> source.get().map(SpoolStore::counted).orElse(0L));
    for (SpoolChange change : SpoolChange.values()) {
      String path = PATH + "/" + change.label();
      Action.Work work = form -> make(change, form);
      actions.put(
          change, new Action(path, PATH, Role.OPERATOR, false, change.summary, FIELDS, work));
    }
    String summary = "Try all messages again now, except those that are held.";
    all =
        new Action(
            PATH + "/retry-all", PATH, Role.OPERATOR, false, summary, List.of(), this::retryAll);
  }

  @Override
  public List<NavigationItem> navigation() {
    return List.of(item);
  }

  @Override
  public Group group(PageRenderer renderer) {
    return new Group(
        List.of(
            new ResourcePath(PATH, request -> page(renderer, request)),
            new ResourcePath("/api" + PATH, this::list)),
        Stream.concat(actions.values().stream(), Stream.of(all)).toList());
  }

  @Override
  public List<Incident> incidents(Instant now) {
    Optional<SpoolStore> spool = source.get();
    try {
      return spool.isEmpty()
          ? List.of()
          : incidents(WaitingMail.of(spool.get(), 1), spool.get().closed(), now);
    } catch (SpoolException unreadable) {
      // The page says why.
      return List.of();
    }
  }

  /**
   * @param mail the totals, and at least the oldest message
   * @param closed why the spool refuses new mail; empty if it does not
   */
  public static List<Incident> incidents(WaitingMail mail, String closed, Instant now) {
    List<Incident> incidents = new ArrayList<>();
    if (!closed.isEmpty()) {
      incidents.add(
          incident(
              10,
              "New mail is refused",
              "The spool is closed, and devices get 452: " + PageText.visible(closed) + "."));
    }
    Instant oldest = mail.oldest();
    if (oldest != null
        && (oldest.isBefore(now.minus(SOON))
            || mail.waiting().stream().anyMatch(each -> each.attempts() > 0))) {
      String reply =
          mail.waiting().stream()
              .map(WaitingMail.Message::lastReply)
              .filter(each -> !each.isEmpty())
              .findFirst()
              .map(each -> " Latest result: " + PageText.whole(PageText.visible(each)))
              .orElse("");
      incidents.add(
          incident(
              50,
              PageText.count(mail.messages(), "message")
                  + (mail.messages() == 1 ? " waits" : " wait"),
              "The oldest has waited since " + PageText.minute(oldest) + " UTC." + reply));
    }
    return incidents;
  }

  private static Incident incident(int place, String what, String why) {
    return new Incident(
        place, new NextStep(what, why, List.of(new NextStep.Link("Waiting messages", PATH))));
  }

  /**
   * The texts of the page.
   *
   * @param spool whether messages can wait at all
   * @param names of the devices, by address
   * @param forms for one message, which share their tokens
   * @param all tries all messages
   */
  public record WaitingPage(
      PageFrame frame,
      boolean spool,
      WaitingMail mail,
      Map<String, String> names,
      Map<SpoolChange, ActionForm> forms,
      ActionForm all,
      Instant now) {
    public String summary() {
      return mail.oldest() == null
          ? "No message waits."
          : "%s, %s, %s held. The oldest was accepted %s."
              .formatted(
                  PageText.count(mail.messages(), "message"),
                  PageText.bytes(mail.bytes()),
                  PageText.number(mail.held()),
                  PageText.ago(mail.oldest(), now));
    }

    public String name(WaitingMail.Message message) {
      return PageText.shortened(PageText.visible(names.getOrDefault(message.device(), "")));
    }

    public String next(WaitingMail.Message message) {
      return message.nextAttempt().isAfter(now)
          ? PageText.minute(message.nextAttempt()) + " UTC"
          : "now";
    }
  }

  private Response page(PageRenderer renderer, Request request) {
    Optional<SpoolStore> spool = source.get();
    try {
      WaitingMail mail =
          spool.isEmpty() ? WaitingMail.NONE : WaitingMail.of(spool.get(), WaitingMail.SHOWN);
      Map<SpoolChange, ActionForm> forms = new EnumMap<>(SpoolChange.class);
      actions.forEach((change, action) -> forms.put(change, renderer.form(request, action)));
      return renderer.page(
          "waiting",
          new WaitingPage(
              renderer.frame(request, "Waiting messages", item),
              spool.isPresent(),
              mail,
              names.apply(
                  mail.waiting().stream().map(WaitingMail.Message::device).distinct().toList()),
              forms,
              renderer.form(request, all),
              clock.instant()));
    } catch (SpoolException failed) {
      return renderer.problem(503, "The spool does not answer", why(failed));
    }
  }

  private Response list(Request request) throws IOException, BadRequestException {
    int limit =
        Parameters.of(request, Set.of("limit")).number("limit", WaitingMail.SHOWN, 1, 10_000);
    Optional<SpoolStore> spool = source.get();
    return Response.json(spool.isEmpty() ? WaitingMail.NONE : WaitingMail.of(spool.get(), limit));
  }

  private Action.Done retryAll(Request form) throws BadRequestException {
    SpoolStore spool =
        source.get().orElseThrow(() -> new BadRequestException(409, SpoolChange.GONE));
    try {
      Change change = SpoolChange.retryAll(spool);
      return Action.Done.back("All that are not held: " + change.after() + ".", change);
    } catch (SpoolException failed) {
      throw new BadRequestException(503, why(failed));
    }
  }

  private Action.Done make(SpoolChange what, Request form) throws BadRequestException {
    Optional<SpoolStore> spool = source.get();
    try {
      String id = form.parameter("id").orElse("");
      Change change =
          spool.isEmpty() ? Change.refused(id, SpoolChange.GONE) : what.make(spool.get(), id);
      if (change.result() != Result.DONE) {
        throw new BadRequestException(409, change.after());
      }
      return Action.Done.back("Message " + id + ": " + change.after() + ".", change);
    } catch (SpoolException failed) {
      throw new BadRequestException(503, why(failed));
    }
  }

  private static String why(SpoolException failed) {
    return PageText.visible(String.valueOf(failed.getMessage()));
  }
}
