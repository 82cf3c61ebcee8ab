package org.tlsuplift.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.testing.GeneratedPage;

/** The actions in openapi.yaml are those that the pages have. */
class ApiActionsTest {
  private static final Path FILE =
      Path.of("src/main/resources/org/tlsuplift/server/http/api/openapi.yaml");
  private static final String BEGIN = "  # The actions, written by ApiActionsTest.\n";
  private static final String END = "components:\n";

  private static List<Action> actions() {
    return PagesRig.pages(Optional.empty(), List.of()).actions().stream()
        .sorted(Comparator.comparing(Action::path))
        .toList();
  }

  private static String described(Action action) {
    return """
      /api%s:
        post:
          operationId: %s
          summary: "%s"
          description: "Needs %s.%s"
          security:
            - token: []
    %s      responses:
            '200': {$ref: '#/components/responses/Done'}
            '409': {$ref: '#/components/responses/Refused'}
            default: {$ref: '#/components/responses/ActionError'}
    """
        .formatted(
            action.path(),
            operation(action.path()),
            action.summary(),
            "the role " + action.role().label(),
            action.fresh()
                ? " Only for people, who enter their password: the response is 403."
                : "",
            body(action.fields()));
  }

  /** The path in camel case, such as {@code accountsAdd}. */
  private static String operation(String path) {
    return Pattern.compile("[/-]([a-z])")
        .matcher(path.substring(1))
        .replaceAll(next -> next.group(1).toUpperCase(Locale.ROOT));
  }

  private static String body(List<Action.Field> fields) {
    if (fields.isEmpty()) {
      return "";
    }
    String required =
        fields.stream()
            .filter(Action.Field::required)
            .map(Action.Field::name)
            .collect(Collectors.joining(", "));
    List<Action.Field> texts = fields.stream().filter(field -> !field.file()).toList();
    return "      requestBody:\n        content:\n"
        + schema("application/x-www-form-urlencoded", required, texts)
        + (texts.equals(fields) ? "" : schema("multipart/form-data", required, fields));
  }

  private static String schema(String type, String required, List<Action.Field> fields) {
    return """
              %s:
                schema:
                  type: object
                  required: [%s]
                  additionalProperties: false
                  properties:
    """
            .formatted(type, required)
        + fields.stream()
            .map(
                field ->
                    "                %s: {type: string%s, maxLength: %d, description: \"%s\"}%n"
                        .formatted(
                            field.name(),
                            field.file() ? ", format: binary" : "",
                            field.maxLength(),
                            field.description()))
            .collect(Collectors.joining());
  }

  @Test
  void theDescriptionHasEachAction() throws IOException {
    String text = Files.readString(FILE);
    int begin = text.indexOf(BEGIN);
    assertThat(begin).isPositive();
    GeneratedPage.check(
        FILE,
        text.substring(0, begin)
            + BEGIN
            + actions().stream().map(ApiActionsTest::described).collect(Collectors.joining())
            + text.substring(text.indexOf(END, begin)),
        ApiActionsTest.class);
  }

  @Test
  void everyActionHasADescription() {
    assertThat(actions())
        .isNotEmpty()
        .allSatisfy(
            action -> {
              assertThat(action.summary()).matches("[A-Z][^\"]+\\.");
              assertThat(action.path()).matches("/[a-z-]+(/[a-z-]+)+");
              assertThat(action.role()).isNotEqualTo(Role.VIEWER);
              assertThat(action.fields())
                  .allSatisfy(
                      field -> {
                        assertThat(field.name()).matches("[a-z][a-z-]+").isNotEqualTo("form-token");
                        assertThat(field.description()).matches("[^\"]+");
                      });
            });
  }
}
