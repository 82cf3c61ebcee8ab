package org.tlsuplift.server.http.pages;

import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.server.audit.AuditRecord.Change;
import org.tlsuplift.server.audit.AuditRecord.Result;
import org.tlsuplift.server.audit.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Action.Field;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.spool.SpoolChange;
import org.tlsuplift.server.spool.SpoolException;
import org.tlsuplift.server.spool.SpoolStore;
import org.tlsuplift.server.spool.WaitingMail;

/** The messages that wait for delivery, which operators change. Thread-safe. */
final class WaitingPages {
  private static final String PATH = NavigationItem.WAITING.path();
  private static final List<Field> FIELDS = List.of(Field.required("id", "The message.", 64));

  private final PageSources sources;
  private final PageRenderer renderer;
  private final Map<SpoolChange, Action> actions = new EnumMap<>(SpoolChange.class);
  private final Action all;

  WaitingPages(PageSources sources, PageRenderer renderer) {
    this.sources = sources;
    this.renderer = renderer;
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

  List<ResourcePath> routes() {
    return List.of(new ResourcePath(PATH, this::page));
  }

  List<Action> actions() {
    return Stream.concat(actions.values().stream(), Stream.of(all)).toList();
  }

  /**
   * The texts of the page.
   *
   * @param spool whether messages can wait at all
   * @param names of the devices, by address
   * @param forms for one message, which share their tokens
   * @param all tries all messages
   */
  record WaitingPage(
      PageFrame frame,
      boolean spool,
      WaitingMail mail,
      Map<String, String> names,
      Map<SpoolChange, ActionForm> forms,
      ActionForm all,
      Instant now) {
    String summary() {
      return mail.oldest() == null
          ? "No message waits."
          : "%s, %s, %s held. The oldest was accepted %s."
              .formatted(
                  PageText.count(mail.messages(), "message"),
                  PageText.bytes(mail.bytes()),
                  PageText.number(mail.held()),
                  PageText.ago(mail.oldest(), now));
    }

    String name(WaitingMail.Message message) {
      return PageText.shortened(PageText.visible(names.getOrDefault(message.device(), "")));
    }

    String next(WaitingMail.Message message) {
      return message.nextAttempt().isAfter(now)
          ? PageText.minute(message.nextAttempt()) + " UTC"
          : "now";
    }
  }

  private Response page(Request request) {
    Optional<SpoolStore> spool = sources.spool().get();
    try {
      WaitingMail mail =
          spool.isEmpty() ? WaitingMail.NONE : WaitingMail.of(spool.get(), WaitingMail.SHOWN);
      Map<SpoolChange, ActionForm> forms = new EnumMap<>(SpoolChange.class);
      actions.forEach((change, action) -> forms.put(change, renderer.form(request, action)));
      return renderer.page(
          "waiting",
          new WaitingPage(
              renderer.frame(request, "Waiting messages", NavigationItem.WAITING),
              spool.isPresent(),
              mail,
              names(mail.waiting().stream().map(WaitingMail.Message::device).distinct().toList()),
              forms,
              renderer.form(request, all),
              sources.clock().instant()));
    } catch (SpoolException failed) {
      return renderer.problem(503, "The spool does not answer", why(failed));
    }
  }

  /** None if the inventory is unreachable. */
  private Map<String, String> names(List<String> devices) {
    try {
      return sources.inventory().isEmpty()
          ? Map.of()
          : sources.inventory().get().devices(devices).stream()
              .collect(Collectors.toMap(DeviceRecord::address, DeviceRecord::label));
    } catch (SQLException away) {
      return Map.of();
    }
  }

  private Action.Done retryAll(Request form) throws BadRequestException {
    SpoolStore spool =
        sources.spool().get().orElseThrow(() -> new BadRequestException(409, SpoolChange.GONE));
    try {
      Change change = SpoolChange.retryAll(spool);
      return Action.Done.back("All that are not held: " + change.after() + ".", change);
    } catch (SpoolException failed) {
      throw new BadRequestException(503, why(failed));
    }
  }

  private Action.Done make(SpoolChange what, Request form) throws BadRequestException {
    Optional<SpoolStore> spool = sources.spool().get();
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
