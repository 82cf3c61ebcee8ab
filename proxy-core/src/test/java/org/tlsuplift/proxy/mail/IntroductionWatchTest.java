package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.testing.ChannelText;

class IntroductionWatchTest {
  private final List<String> seen = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel(new IntroductionWatch(seen::add));

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void say(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  private boolean watches() {
    return channel.pipeline().get(IntroductionWatch.class) != null;
  }

  @Test
  void isSeenHoweverItIsSplitAndPassedOn() {
    say("EH");
    say("LO printer-2");
    assertThat(watches()).isTrue();
    say("nd-floor\r");
    say("\nMAIL FROM:<a@b>\r\n");

    assertThat(seen).containsExactly("EHLO printer-2nd-floor");
    assertThat(watches()).isFalse();
    assertThat(ChannelText.passed(channel))
        .isEqualTo("EHLO printer-2nd-floor\r\nMAIL FROM:<a@b>\r\n");
  }

  @Test
  void onlyTheFirstLineCounts() {
    say("helo one\nHELO two\n");

    assertThat(seen).containsExactly("helo one");
  }

  @ParameterizedTest
  @ValueSource(strings = {"AUTH PLAIN c2VjcmV0\r\nEHLO late\r\n", "QUIT\r\n", "EHLO\r\n", "\r\n"})
  void nothingElseIsTold(String said) {
    say(said);

    assertThat(seen).isEmpty();
    assertThat(watches()).isFalse();
  }

  @Test
  void aLineThatNeverEndsIsNotKept() {
    say("EHLO " + "x".repeat(400));
    say("x".repeat(400));

    assertThat(seen).isEmpty();
    assertThat(watches()).isFalse();
  }
}
