package org.tlsuplift.server.http;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Role;

/**
 * Something that people and programs change at the admin port.
 *
 * <p>People send its form to {@link #path}, programs with a token to {@code /api} and that path.
 * Before it runs, the admin port has checked the sign-in, the role, the origin, the token of the
 * form, the rate and the fields, and that the audit log can be written. Actions run one after the
 * other.
 *
 * @param path where its form is sent, such as {@code /configuration/reload}
 * @param page has its form
 * @param role that it needs
 * @param fresh whether the password must have been entered within the last five minutes
 * @param summary what it does, for the description of the API
 * @param fields of its form; others are refused
 */
public record Action(
    String path,
    String page,
    Role role,
    boolean fresh,
    String summary,
    List<Field> fields,
    Work work) {
  public Action {
    fields = List.copyOf(fields);
  }

  boolean takesFiles() {
    return fields.stream().anyMatch(Field::file);
  }

  /** Its name in the audit log, such as {@code configuration.reload}. */
  public String name() {
    return path.substring(1).replace('/', '.');
  }

  /**
   * A field of a form.
   *
   * @param description for the description of the API
   * @param maxLength in characters
   * @param file whether it may be a file
   */
  public record Field(
      String name, String description, boolean required, int maxLength, boolean file) {
    public static Field required(String name, String description, int maxLength) {
      return new Field(name, description, true, maxLength, false);
    }

    public static Field optional(String name, String description, int maxLength) {
      return new Field(name, description, false, maxLength, false);
    }

    /** For imports: their forms may be large, and multipart/form-data. */
    public static Field file(String name, String description, int maxLength) {
      return new Field(name, description, false, maxLength, true);
    }
  }

  /** Does it. */
  public interface Work {
    /**
     * May block; nobody waits longer than a minute for the response, but it runs to its end.
     *
     * @throws BadRequestException if it is refused and nothing has changed
     * @throws Exception any other is recorded as a failure; the response is 500 without details
     */
    Done act(Request form) throws Exception;
  }

  /**
   * It was done, or refused for a reason that the page explains. Programs get the change as JSON.
   * The audit log gets the records: the change, or each one of many; none if nothing has changed.
   *
   * @param rendering makes the response for people once the records are known, which it does not
   *     change if it fails; null for the page with the notice
   * @param page that shows the notice; empty for the page of the action
   * @param notice shown once
   */
  public record Done(
      @Nullable Supplier<Response> rendering,
      String page,
      String notice,
      Change change,
      List<Change> records) {
    public Done {
      records = List.copyOf(records);
    }

    /** With these records instead of the change. */
    public Done recording(List<Change> each) {
      return new Done(rendering, page, notice, change, each);
    }

    /** The response for people; null for the page with the notice. */
    public @Nullable Response response() {
      return rendering == null ? null : rendering.get();
    }

    /** The page of the action follows, with this notice. */
    public static Done back(String notice, Change change) {
      return new Done(null, "", notice, change, List.of(change));
    }

    /** Another page follows, with this notice. */
    public static Done to(String page, String notice, Change change) {
      return new Done(null, page, notice, change, List.of(change));
    }

    /** This response is shown, which cannot be shown again. */
    public static Done of(Response response, Change change) {
      return of(() -> response, change);
    }

    /** This response is made and shown, which cannot be shown again. */
    public static Done of(Supplier<Response> rendering, Change change) {
      return new Done(rendering, "", "", change, List.of(change));
    }
  }

  /**
   * @throws BadRequestException if a form has other fields
   */
  void check(Map<String, List<String>> form) throws BadRequestException {
    for (Map.Entry<String, List<String>> sent : form.entrySet()) {
      Field field =
          fields.stream()
              .filter(each -> each.name().equals(sent.getKey()))
              .findFirst()
              .orElseThrow(() -> new BadRequestException(400, "unknown field; " + allowed()));
      if (sent.getValue().size() > 1) {
        throw new BadRequestException(400, field.name() + ": sent more than once");
      }
      int length = sent.getValue().get(0).length();
      if (length > field.maxLength()) {
        throw new BadRequestException(
            400,
            "%s: got %s characters; %s are allowed"
                .formatted(field.name(), length, field.maxLength()));
      }
    }
    for (Field field : fields) {
      if (field.required() && form.getOrDefault(field.name(), List.of("")).get(0).isEmpty()) {
        throw new BadRequestException(400, field.name() + ": missing");
      }
    }
  }

  private String allowed() {
    return fields.isEmpty()
        ? "this takes none"
        : "this takes " + String.join(", ", fields.stream().map(Field::name).toList());
  }
}
