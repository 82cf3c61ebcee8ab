package org.tlsuplift.proxy.context;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;
import org.tlsuplift.proxy.model.Explanation;

/** The bounds of a line hold whatever is in it. */
class SessionLineTest {
  private static final String REASON = "origin_starttls_unavailable";

  private static String line(SessionLine line) {
    try (LoggedSessions log = new LoggedSessions()) {
      line.log(log.logger(), Level.WARN);
      return log.lines().get(0);
    }
  }

  @Test
  void hasTheCauseThenTheRemedyThenTheFields() {
    assertThat(
            line(
                new SessionLine("session ended", Explanation.of("it broke", "repair it"))
                    .with("reason", "broken")
                    .withCut("target", "mail.example:25")))
        .isEqualTo(
            "session ended: it broke; repair it reason=\"broken\" target=\"mail.example:25\"");
    assertThat(line(new SessionLine("session ended", Explanation.of("it broke"))))
        .isEqualTo("session ended: it broke");
    assertThat(line(new SessionLine("session ended", Explanation.of("", "repair it"))))
        .isEqualTo("session ended: repair it");
    assertThat(line(new SessionLine("session ended", Explanation.NONE))).isEqualTo("session ended");
  }

  @Property(tries = 500)
  void keepsItsBoundsWithAnyText(
      @ForAll @StringLength(max = 400) String cause,
      @ForAll @StringLength(max = 400) String remedy,
      @ForAll @StringLength(max = 300) String target,
      @ForAll @StringLength(max = 300) String listener) {
    assertBounded(cause, remedy, target, listener);
  }

  @Property(tries = 500)
  void keepsItsBoundsWithAnyLength(
      @ForAll @IntRange(max = 3000) int cause,
      @ForAll @IntRange(max = 200) int remedy,
      @ForAll @IntRange(max = 300) int target,
      @ForAll @IntRange(max = 300) int listener) {
    assertBounded("c".repeat(cause), "r".repeat(remedy), "t".repeat(target), "l".repeat(listener));
  }

  private static void assertBounded(String cause, String remedy, String target, String listener) {
    String line =
        line(
            new SessionLine("session ended", Explanation.of(cause, remedy))
                .with("reason", REASON)
                .with("device", "2001:db8:1111:2222:3333:4444:5555:6666")
                .withCut("target", target)
                .with("listener", listener)
                .with("session", "0000002a"));
    assertThat(line)
        .hasSizeLessThanOrEqualTo(SessionLine.MAX_LENGTH)
        .contains(" reason=\"" + REASON + "\" device=\"2001:db8:1111:2222:3333:4444:5555:6666\"")
        .endsWith(" session=\"0000002a\"")
        .matches("[^\\p{Cntrl}\\\\]*");
    assertThat(line.indexOf(" reason=")).isLessThanOrEqualTo(17 + 2 * SessionLine.MAX_TEXT);
  }

  @Test
  void leavesOutOptionalFieldsBeforeItCutsTheCause() {
    String cause = "the origin's certificate was revoked (2026-01-02T03:04:05Z, key compromise)";
    SessionLine line =
        new SessionLine("session ended", Explanation.of(cause, "renew the origin's certificate"))
            .with("reason", "origin_certificate_revoked")
            .with("device", "10.1.2.3")
            .withOptional("action", "bridge")
            .withOptional("agreed", "TLSv1.1")
            .withCut("target", "a-rather-long-name.corp.example:443")
            .withCut("listener", "second-floor");
    assertThat(line(line))
        .contains(cause, " action=\"bridge\" target=\"a-rather-long-name.corp.example:443\"")
        .doesNotContain("agreed");
  }

  @Test
  void cutsAForeignCauseBeforeTheFieldsAndNeverTheRemedy() {
    String remedy = "give the device a listener with 'profile: antique'";
    String line =
        line(
            new SessionLine("session ended", Explanation.of("x".repeat(200), remedy))
                .with("reason", "device_handshake_failed")
                .with("handshake", "no_shared_version")
                .with("device", "10.1.2.3")
                .withCut("target", "outlook.office365.com:443")
                .withCut("listener", "printers")
                .with("session", "0000002a"));
    assertThat(line)
        .contains("...; " + remedy, "target=\"outlook.office365.com:443\" listener=\"printers\"");
  }

  @Test
  void cutsALongTargetBeforeTheCauseAndNeverTheListener() {
    String line =
        line(
            new SessionLine("session ended", Explanation.of("c".repeat(80), "r".repeat(90)))
                .with("reason", REASON)
                .with("device", "2001:db8:1111:2222:3333:4444:5555:6666")
                .withCut("target", "a-rather-long-name.example.com:443")
                .with("listener", "l".repeat(32))
                .with("session", "0000002a"));
    assertThat(line)
        .contains(": " + "c".repeat(80) + "; " + "r".repeat(90))
        .contains("target=\"a-rather-long-name.ex...\" listener=\"" + "l".repeat(32) + "\"");
  }

  @Test
  void hasAtMostTheUsualLengthIfOnlyTheTargetIsLong() {
    assertThat(
            line(
                new SessionLine("session ended", Explanation.of("it broke", "repair it"))
                    .with("reason", REASON)
                    .withOptional("action", "bridge")
                    .withCut("target", "t".repeat(300))))
        .hasSize(SessionLine.USUAL_LENGTH);
  }

  @Test
  void escapesControlCharactersAndQuotes() {
    assertThat(
            line(
                new SessionLine("session ended", Explanation.of("a\nb\u001b[31m\u202e", "c\rd"))
                    .withCut("target", "x\" y=\"z\\")))
        .isEqualTo("session ended: a?b?[31m?; c?d target=\"x' y='z?\"");
  }
}
