package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.Position;

/** Errors and warnings name the line of the key that they are about. */
class ConfigPositionsTest {
  private static final String YAML =
      """
      # a comment
      devices:
        allow: [10.0.0.0/8]
        names:
          10.1.2.3: printer
      listeners:
        - name: web
          bind: [127.0.0.1:3128,
                 127.0.0.1:3129]
          accept: http-connect
          profile: legacy
        - {name: outlook, bind: 127.0.0.1:8443, accept: fixed, origin: outlook.office365.com:443, profile: legacy}
      limits:
        maxSessions: 100
        maxSessionsPerDevice: 1000
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "allow: [10.0.0.0/8] | allow: [all] | devices.allow[0] | 3 | 11",
        "10.1.2.3: printer | 10.1.2.300: printer | devices.names.10.1.2.300 | 5 | 5",
        "127.0.0.1:3129 | nowhere | listeners[0].bind[1] | 9 | 12",
        "127.0.0.1:3129 | 127.0.0.1:3128 | listeners[0].bind[1] | 9 | 12",
        "profile: legacy | profile: ancient | listeners[0].profile | 11 | 5",
        "name: outlook, | name: web, | listeners[1].name | 12 | 6",
        "bind: 127.0.0.1:8443, | '' | listeners[1].bind | 12 | 5",
        "maxSessions: | maxSession: | limits.maxSession | 14 | 3",
        "limits: | routes: [{to: [microsoft365], action: deny}]; limits: | listeners[1].origin | 12 | 58",
      })
  void anErrorHasThePositionOfItsKeyOrOfTheNearestParent(
      String before, String after, String path, int line, int column) {
    String yaml = YAML.replaceFirst(before.replace("[", "\\["), after.replace("; ", "\n"));
    assertThat(problems(yaml))
        .filteredOn(problem -> problem.path().equals(path))
        .extracting(ConfigProblem::position)
        .containsExactly(new Position(line, column));
  }

  @Test
  void aMissingSectionHasNoPosition() {
    assertThat(problems("devices: {allow: [10.0.0.0/8]}"))
        .singleElement()
        .satisfies(problem -> assertThat(problem.position()).isNull())
        .asString()
        .startsWith("listeners: missing");
  }

  @Test
  void theMessageNamesFileAndLine() {
    assertThat(invalid(YAML.replace("accept: fixed", "accept: fix")))
        .hasMessageStartingWith(
            "tls-uplift.yaml: 1 problem\n"
                + "  tls-uplift.yaml:12: listeners[1].accept: got 'fix'; expected http-connect,");
  }

  @Test
  void aWarningHasAPositionToo() throws Exception {
    LoadedConfig loaded = ConfigLoader.parse(YAML, "tls-uplift.yaml");
    assertThat(loaded.warnings())
        .extracting(ConfigProblem::path, ConfigProblem::position)
        .containsExactly(tuple("limits.maxSessionsPerDevice", new Position(15, 3)));
  }

  @Test
  void anErrorThatIsFoundLaterHasAPositionToo() throws Exception {
    LoadedConfig loaded = ConfigLoader.parse(YAML, "tls-uplift.yaml");
    assertThat(loaded.invalid(List.of(new ConfigProblem("listeners[1].until", "got 'x'", "", ""))))
        .hasMessage(
            "tls-uplift.yaml: 1 problem\n  tls-uplift.yaml:12: listeners[1].until: got 'x'");
  }

  @Test
  void theBuiltInDefaultHasNoPositions() throws Exception {
    LoadedConfig loaded = ConfigLoader.loadDefault();
    assertThat(loaded.invalid(List.of(new ConfigProblem("listeners", "got 'x'", "", ""))))
        .hasMessage("the built-in default: 1 problem\n  listeners: got 'x'");
  }

  @Test
  void warnsThatAFileOfTheUsualNameWasNotRead(@TempDir Path here) throws Exception {
    assertThat(ConfigLoader.loadDefault(here).warnings()).isEmpty();
    Files.createFile(here.resolve("tls-uplift.yaml"));
    assertThat(ConfigLoader.loadDefault(here).warnings())
        .extracting(warning -> warning.in("the built-in default"))
        .containsExactly(
            "tls-uplift.yaml: this file here was not read; to use it, set --config tls-uplift.yaml");
  }

  private static List<ConfigProblem> problems(String yaml) {
    return invalid(yaml).problems();
  }

  private static InvalidConfigException invalid(String yaml) {
    return catchThrowableOfType(
        InvalidConfigException.class, () -> ConfigLoader.parse(yaml, "tls-uplift.yaml"));
  }
}
