package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.console.ActionForm;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.NavigationItem;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Action.Field;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;

/**
 * The page on which operators run the doctor and send a test message. Thread-safe.
 *
 * @param checks their steps; outlive a reload
 */
public record DoctorPages(DoctorControl doctor, Steps checks) implements FeaturePages {
  private static final Field ACCOUNT =
      Field.optional("account", "the login or mailbox of an account", 254);

  private Action examine() {
    return action(
        "/doctor/run",
        "Start the doctor. GET /api/doctor has the steps.",
        List.of(Field.optional("listener", "a mail listener; default: all", 64), ACCOUNT),
        this::examine);
  }

  private Action send() {
    return action(
        "/doctor/send",
        "Send a test message as a device does. GET /api/doctor has the steps.",
        List.of(
            Field.required("listener", "a listener for SMTP", 64),
            Field.optional(
                "account",
                "the login or mailbox of an account; without signIn, the login at the origin",
                254),
            Field.optional("password", "the password of the device", 1024),
            Field.optional("from", "the sender; default: the mailbox of the account", 254),
            Field.required("to", "the recipient", 254)),
        this::send);
  }

  private static Action action(String path, String summary, List<Field> fields, Action.Work work) {
    return new Action(path, Navigation.DOCTOR.path(), Role.OPERATOR, false, summary, fields, work);
  }

  /**
   * The texts of the page.
   *
   * @param listeners that the doctor can check
   * @param submission the listeners for a test message
   * @param others what the doctor checks even without a listener
   * @param run the latest check; null if there was none since the start
   */
  record DoctorPage(
      PageFrame frame,
      ActionForm examine,
      ActionForm send,
      List<String> listeners,
      List<String> submission,
      List<String> others,
      Steps.@Nullable Run run) {}

  @Override
  public List<NavigationItem> navigation() {
    return List.of(Navigation.DOCTOR);
  }

  @Override
  public Group group(PageRenderer renderer) {
    return new Group(
        List.of(new ResourcePath(Navigation.DOCTOR.path(), request -> page(renderer, request))),
        List.of(examine(), send()));
  }

  private Response page(PageRenderer renderer, Request request) {
    return renderer.page(
        "doctor",
        new DoctorPage(
            renderer.frame(request, "Doctor", Navigation.DOCTOR),
            renderer.form(request, examine()),
            renderer.form(request, send()),
            doctor.listeners(false),
            doctor.listeners(true),
            doctor.others(),
            checks.latest().orElse(null)));
  }

  private Action.Done examine(Request form) throws Exception {
    Optional<String> listener = form.parameter("listener");
    Optional<String> account = form.parameter("account");
    String what =
        listener.map(name -> "listener " + name).orElse("all mail listeners")
            + account.map(name -> ", account " + name).orElse("");
    start("Doctor: " + what, () -> doctor.examine(listener, account));
    return Action.Done.back("", Change.done(what, "", "started"));
  }

  private Action.Done send(Request form) throws Exception {
    DoctorControl.Letter letter =
        new DoctorControl.Letter(
            form.parameter("listener").orElseThrow(),
            form.parameter("account"),
            form.parameter("to").orElseThrow(),
            form.parameter("from"),
            form.parameter("password"),
            form.visitor().role().includes(Role.ADMINISTRATOR));
    start("Test message to " + PageText.visible(letter.to()), () -> doctor.send(letter));
    return Action.Done.back(
        "", Change.done(letter.to(), "", "test message through listener " + letter.listener()));
  }

  private interface Preparation {
    Steps.Work work() throws Exception;
  }

  private void start(String title, Preparation preparation) throws Exception {
    try {
      checks.start(PageText.visible(title), preparation.work());
    } catch (IllegalArgumentException wrong) {
      // The options of the command are the fields of the form.
      throw new BadRequestException(400, String.valueOf(wrong.getMessage()).replace("--", ""));
    }
  }
}
