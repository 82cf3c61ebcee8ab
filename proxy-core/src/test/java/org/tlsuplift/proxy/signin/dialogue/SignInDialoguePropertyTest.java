package org.tlsuplift.proxy.signin.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.tlsuplift.proxy.model.MailProtocol;

/** Properties for any bytes that a device may send before it has signed in, split at any byte. */
class SignInDialoguePropertyTest {
  private static final Map<MailProtocol, List<String>> LINES =
      Map.of(
          MailProtocol.SMTP,
          List.of(
              "EHLO printer",
              "NOOP",
              "AUTH PLAIN AGEAd3Jvbmc=",
              "AUTH PLAIN",
              "AGEAd3Jvbmc=",
              "AUTH LOGIN",
              "AUTH LOGIN YQ==",
              "d3Jvbmc=",
              "*",
              "RCPT TO:<a@b.example>",
              "=",
              ""),
          MailProtocol.IMAP,
          List.of(
              "a1 CAPABILITY",
              "a2 LOGIN a wrong",
              "a3 LOGIN \"a\" \"wrong\"",
              "a4 LOGIN {1+}",
              "a {5+}",
              "wrong",
              "a5 LOGIN {1}",
              "a {5}",
              "a6 AUTHENTICATE PLAIN",
              "a7 AUTHENTICATE LOGIN YQ==",
              "AGEAd3Jvbmc=",
              "d3Jvbmc=",
              "a8 ID (\"name\" {3+}",
              "abc)",
              "*"),
          MailProtocol.POP3,
          List.of(
              "CAPA",
              "USER a",
              "PASS wrong",
              "AUTH",
              "AUTH PLAIN AGEAd3Jvbmc=",
              "AUTH LOGIN",
              "YQ==",
              "d3Jvbmc=",
              "*",
              "STAT"));

  @Property(tries = 300)
  void neverThrowsOnAnyBytes(
      @ForAll MailProtocol protocol, @ForAll @Size(max = 300) byte[] bytes, @ForAll long seed) {
    conversation(protocol, bytes, seed);
  }

  @Property(tries = 300)
  void resultDoesNotDependOnSegmentation(
      @ForAll("dialogues") Dialogue dialogue,
      @ForAll long seed,
      @ForAll @IntRange(max = 3) int broken) {
    byte[] bytes = dialogue.text().getBytes(StandardCharsets.ISO_8859_1);
    Random random = new Random(seed);
    for (int i = 0; i < broken && bytes.length > 0; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    String whole = conversation(dialogue.protocol(), bytes, 0);
    assertThat(conversation(dialogue.protocol(), bytes, seed)).isEqualTo(whole);
  }

  /** All replies and callbacks when the bytes are split at random; in one piece for seed 0. */
  private static String conversation(MailProtocol protocol, byte[] bytes, long seed) {
    Random random = new Random(seed);
    try (SigningInDevice device = new SigningInDevice(protocol)) {
      int at = 0;
      while (at < bytes.length) {
        int size = seed == 0 ? bytes.length : Math.min(bytes.length - at, 1 + random.nextInt(9));
        byte[] piece = new byte[size];
        System.arraycopy(bytes, at, piece, 0, size);
        device.send(piece);
        at += size;
      }
      device.channel.checkException();
      String heard = device.heard();
      // All replies are lines, and no line repeats a line of the device.
      assertThat(heard.replace("The name or password is wrong", ""))
          .matches("(?s)|.*\r\n")
          .doesNotContain("wrong");
      return heard + device.events + device.passed();
    }
  }

  /** Lines of a protocol in any order. */
  record Dialogue(MailProtocol protocol, String text) {}

  @Provide
  Arbitrary<Dialogue> dialogues() {
    return Arbitraries.of(MailProtocol.class)
        .flatMap(
            protocol ->
                Arbitraries.of(LINES.get(protocol))
                    .list()
                    .ofMaxSize(20)
                    .map(lines -> new Dialogue(protocol, String.join("\r\n", lines) + "\r\n")));
  }
}
