package org.tlsuplift.server.http.pages;

import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.console.ActionForm;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.NavigationItem;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Action.Field;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.inventory.Acknowledgements;
import org.tlsuplift.server.inventory.Acknowledgements.Acknowledgement;
import org.tlsuplift.server.inventory.Acknowledgements.Kind;
import org.tlsuplift.server.inventory.Acknowledgements.Subject;
import org.tlsuplift.server.inventory.messages.SilentSender;
import org.tlsuplift.server.readiness.ExpiringItem;

/**
 * The forms with which operators acknowledge silent senders and expiries. Thread-safe.
 *
 * @param known empty without an inventory
 * @param silent the devices that sent mail regularly and have stopped
 * @param expiring the items that expire, in any order
 */
public record AcknowledgementForms(
    Optional<Acknowledgements> known,
    Supplier<List<SilentSender>> silent,
    Supplier<List<ExpiringItem>> expiring,
    Clock clock)
    implements FeaturePages {
  private static final Field KIND = Field.required("kind", "silent-sender or expiry", 20);
  private static final Field ITEM =
      Field.required("item", "the address of the device, or what expires", 400);
  private static final Field STATE =
      Field.optional("state", "the time on the page, to find out whether it has changed", 40);

  private static Action action(String verb, String summary, List<Field> fields, Action.Work work) {
    return new Action(
        "/acknowledgements/" + verb,
        Navigation.OVERVIEW.path(),
        Role.OPERATOR,
        false,
        summary,
        fields,
        work);
  }

  private Action add() {
    return action(
        "add",
        "Acknowledge a silent sender or an expiry, until it changes.",
        List.of(KIND, ITEM, STATE, Field.required("note", "why it is no problem", 200)),
        this::add);
  }

  private Action remove() {
    return action(
        "remove", "Take an acknowledgement back.", List.of(KIND, ITEM, STATE), this::remove);
  }

  @Override
  public Group group(PageRenderer renderer) {
    return new Group(List.of(), List.of(add(), remove()));
  }

  /** The forms for one page, which share their tokens. */
  public record OnPage(ActionForm add, ActionForm remove, Optional<Acknowledgements> known) {
    Shown of(Subject subject) {
      return new Shown(this, subject, known.flatMap(all -> all.find(subject)).orElse(null));
    }
  }

  /**
   * The form for one item.
   *
   * @param known null if nobody has acknowledged it
   */
  public record Shown(OnPage forms, Subject subject, @Nullable Acknowledgement known) {}

  OnPage onPage(PageRenderer renderer, Request request) {
    return new OnPage(renderer.form(request, add()), renderer.form(request, remove()), known);
  }

  static Subject of(SilentSender sender) {
    return new Subject(Kind.SILENT_SENDER, sender.address(), sender.latest());
  }

  static Subject of(ExpiringItem item) {
    return new Subject(Kind.EXPIRY, item.what(), item.at());
  }

  private Action.Done add(Request form) throws BadRequestException, SQLException {
    Subject subject = subject(form);
    Optional<Acknowledgement> before = stored().find(subject);
    if (before.isPresent()) {
      throw new BadRequestException(409, before.get().who() + " has acknowledged it already");
    }
    String note = form.parameter("note").orElse("").replaceAll("\\p{Cntrl}", " ");
    stored().add(new Acknowledgement(subject, form.visitor().name(), clock.instant(), note));
    return done(subject, "Acknowledged.", Change.done(subject.item(), "", note));
  }

  private Action.Done remove(Request form) throws BadRequestException, SQLException {
    Subject subject = subject(form);
    Acknowledgement before =
        stored()
            .find(subject)
            .orElseThrow(() -> new BadRequestException(409, "it is no longer acknowledged"));
    stored().remove(subject);
    return done(subject, "Taken back.", Change.done(subject.item(), before.note(), ""));
  }

  private static Action.Done done(Subject subject, String notice, Change change) {
    NavigationItem page = subject.kind() == Kind.EXPIRY ? Navigation.OVERVIEW : Navigation.MESSAGES;
    return Action.Done.to(page.path(), notice, change);
  }

  private Acknowledgements stored() throws BadRequestException {
    return known.orElseThrow(() -> new BadRequestException(409, "no inventory is kept"));
  }

  /** What the form is about, as it is now. */
  private Subject subject(Request form) throws BadRequestException {
    String kind = form.parameter("kind").orElse("");
    String item = form.parameter("item").orElse("");
    return Stream.concat(
            silent.get().stream().map(AcknowledgementForms::of),
            expiring.get().stream().map(AcknowledgementForms::of))
        .filter(each -> each.kind().label().equals(kind) && each.item().equals(item))
        .filter(
            each ->
                form.parameter("state")
                    .map(state -> state.equals(Objects.toString(each.state())))
                    .orElse(true))
        .findFirst()
        .orElseThrow(
            () ->
                new BadRequestException(
                    409, "it has changed, or is no longer a problem; open the page again"));
  }
}
