package org.tlsuplift.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.testing.EmbeddedParts;

/**
 * The effects of each event in each state, expected or not. {@code session-outcomes.txt} has the
 * outcomes; each combination needs one.
 */
class SessionTest {
  /** In the table this marks an event that the state does not expect. */
  private static final String UNEXPECTED = "unexpected";

  private static final Map<SessionStage, Map<SessionEvent, String>> OUTCOMES = outcomes();

  private static final List<String> STATES =
      List.of("Negotiating", "Conversing", "InspectingHello", "Queued", "Connecting", "Relaying");

  /** The outcome of an unexpected event: a close as an internal error. */
  private static String unexpected(SessionStage stage, SessionEvent event) {
    String name = stage.name().replace("_", "");
    String state =
        STATES.stream().filter(s -> name.startsWith(s.toUpperCase(Locale.ROOT))).findAny().get();
    return OUTCOMES
        .get(stage)
        .get(SessionEvent.CLOSE)
        .replace(
            "idle_timeout: closed",
            "internal_error: unexpected event '" + text(event) + "' in state '" + state + "'");
  }

  private static String text(SessionEvent event) {
    return switch (event) {
      case HELLO_OF_MODERN_DEVICE,
          HELLO_OF_LEGACY_DEVICE,
          HELLO_FOR_ANOTHER_HOST,
          HELLO_THAT_IS_PLAINTEXT,
          HELLO_OF_SSL_2,
          HELLO_THAT_IS_MALFORMED ->
          "hello";
      case DEVICE_HANDSHAKE_FAILED -> "device handshake";
      case ORIGIN_FAILED_LATE -> "origin failed";
      default -> event.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    };
  }

  static Stream<Arguments> combinations() {
    return Arrays.stream(SessionStage.values())
        .flatMap(
            stage -> Arrays.stream(SessionEvent.values()).map(event -> Arguments.of(stage, event)));
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void matchesTheTableOfOutcomes(SessionStage stage, SessionEvent event) throws Exception {
    String outcome = OUTCOMES.get(stage).get(event);
    assertThat(outcome).as("an outcome of %s in %s in the table", event, stage).isNotNull();
    try (SessionRig rig = stage.reach()) {
      rig.mark();
      event.fire(rig);
      assertThat(rig.happened())
          .isEqualTo(outcome.equals(UNEXPECTED) ? unexpected(stage, event) : outcome);
    }
  }

  /** For every event the session ends once and leaves no connection behind. */
  @ParameterizedTest
  @MethodSource("combinations")
  void endsOnce(SessionStage stage, SessionEvent event) throws Exception {
    try (SessionRig rig = stage.reach()) {
      event.fire(rig);
      SessionEvent.CLOSE.fire(rig);
      SessionEvent.SHUT_DOWN.fire(rig);
      SessionEvent.REFUSED.fire(rig);
      SessionEvent.DEVICE_GONE.fire(rig);
      assertThat(rig.ends()).isEqualTo(1);
      rig.parts.pass(EmbeddedParts.NEGOTIATION);
      assertThat(rig.device.isOpen()).as("a device that lingers is closed in time").isFalse();
      rig.parts.resolve();
      assertThat(rig.openDials()).as("connections that were dialled").isZero();
    }
  }

  @Test
  void eachCommandRestartsTheTimeout() throws Exception {
    try (SessionRig rig = SessionStage.CONVERSING.reach()) {
      Duration most = EmbeddedParts.NEGOTIATION.multipliedBy(3).dividedBy(4);
      rig.parts.pass(most);
      rig.deviceSays("NOOP\r\n");
      rig.parts.pass(most);
      assertThat(rig.ends()).isZero();
      rig.parts.pass(most);
      assertThat(rig.ends()).isEqualTo(1);
    }
  }

  @Test
  void aDeviceDoesNotTimeOutWhileItsOriginIsSlow() throws Exception {
    try (SessionRig rig = SessionStage.CONVERSING.reach()) {
      rig.deviceSays("EHLO printer\r\n");
      rig.parts.pass(EmbeddedParts.NEGOTIATION.multipliedBy(2));
      assertThat(rig.ends()).isZero();
    }
  }

  @Test
  void tableHasEachRowOnce() throws Exception {
    int rows = OUTCOMES.values().stream().mapToInt(Map::size).sum();
    assertThat(rows).isEqualTo(SessionStage.values().length * SessionEvent.values().length);
    assertThatIllegalStateException()
        .isThrownBy(() -> read(List.of("== CLOSED", "CLOSE -> nothing", "CLOSE -> nothing")))
        .withMessage("CLOSE stands twice below CLOSED");
  }

  private static Map<SessionStage, Map<SessionEvent, String>> outcomes() {
    try (InputStream table =
        Objects.requireNonNull(SessionTest.class.getResourceAsStream("/session-outcomes.txt"))) {
      return read(new String(table.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static Map<SessionStage, Map<SessionEvent, String>> read(List<String> lines) {
    Map<SessionStage, Map<SessionEvent, String>> all = new EnumMap<>(SessionStage.class);
    SessionStage stage = null;
    for (String line : lines) {
      if (line.startsWith("== ")) {
        stage = SessionStage.valueOf(line.substring(3));
        all.put(stage, new EnumMap<>(SessionEvent.class));
      } else if (!line.isBlank() && !line.startsWith("#")) {
        String[] row = line.split(" +-> ", 2);
        for (String event : row[0].split(", ", -1)) {
          if (all.get(stage).put(SessionEvent.valueOf(event), row[1]) != null) {
            throw new IllegalStateException(event + " stands twice below " + stage);
          }
        }
      }
    }
    return all;
  }
}
