package org.tlsuplift.proxy.signin.dialogue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.testing.Fuzzed;

/** Any bytes of devices that sign in, and any replies of origins to the proxy's sign-in. */
class SignInFuzzTest {
  /**
   * The bytes that a device may send ahead and one more read, twice because a growing buffer is
   * copied.
   */
  private static final int MAX_HELD = 1 << 17;

  private static final String TOKEN = "eyJ0b2tlbg.c2VjcmV0";

  /** The first line of each reply, with the rest of those that have more. */
  private static final Map<MailProtocol, Pattern> REPLY =
      Map.of(
          MailProtocol.SMTP, Pattern.compile("([0-9]{3}-.*\r\n)*[0-9]{3} .*\r\n"),
          MailProtocol.POP3,
              Pattern.compile("\\+OK( Capability.*)?\r\n([^.].*\r\n)*\\.\r\n|(\\+|-ERR).*\r\n"),
          MailProtocol.IMAP,
              Pattern.compile("(\\*.*\r\n)*?([^*+]\\S*|\\*) (OK|NO|BAD).*\r\n|\\+ .*\r\n"));

  private record Result(String heard, String passed, List<String> events) {}

  @FuzzTest
  void bySmtp(byte[] bytes) {
    check(MailProtocol.SMTP, bytes);
  }

  @FuzzTest
  void byImap(byte[] bytes) {
    check(MailProtocol.IMAP, bytes);
  }

  @FuzzTest
  void byPop3(byte[] bytes) {
    check(MailProtocol.POP3, bytes);
  }

  private static void check(MailProtocol protocol, byte[] bytes) {
    Fuzzed.inEachSplit(bytes, pieces -> dialogue(protocol, bytes, pieces));
  }

  /** Each line has one reply, in its place, until the device waits or leaves. */
  private static void checkReplies(
      MailProtocol protocol, String sent, String heard, boolean stopped) {
    List<String> replies = new ArrayList<>();
    Matcher reply = REPLY.get(protocol).matcher(heard);
    int end = 0;
    for (; reply.find(end) && reply.start() == end; end = reply.end()) {
      replies.add(reply.group());
    }
    assertThat(heard.substring(end)).as("no reply").isEmpty();
    long lines = sent.chars().filter(c -> c == '\n').count();
    if (protocol != MailProtocol.IMAP) {
      assertThat((long) replies.size()).isBetween(stopped ? 0 : lines, lines);
    } else {
      // Literals may have lines, and a line may continue after them.
      Iterator<String> words = sent.lines().map(line -> line.split(" ", 2)[0]).iterator();
      for (String tagged : replies) {
        String tag =
            tagged.substring(tagged.lastIndexOf('\n', tagged.length() - 2) + 1).split(" ", 2)[0];
        while (!tag.matches("[*+]") && !words.next().equals(tag)) {
          assertThat(words).as("a command %s", tag).hasNext();
        }
      }
    }
  }

  /** The device sent each name and password: in base64, or as a text. */
  private static void checkCredentials(byte[] sent, List<String> credentials) {
    if (credentials.isEmpty()) {
      return;
    }
    String text = new String(sent, ISO_8859_1);
    StringBuilder all =
        new StringBuilder(text).append('\n').append(text.replaceAll("\\\\(.)", "$1"));
    for (String word : text.split("[ \r\n]+", -1)) {
      try {
        all.append('\n').append(new String(Base64.getDecoder().decode(word), ISO_8859_1));
      } catch (IllegalArgumentException notBase64) {
        // Only a text.
      }
    }
    assertThat(credentials)
        .allMatch(
            each ->
                all.indexOf(each) >= 0
                    || all.indexOf(new String(each.getBytes(UTF_8), ISO_8859_1)) >= 0);
  }

  private static Result dialogue(MailProtocol protocol, byte[] bytes, List<byte[]> pieces) {
    Fuzzed.Memory memory = new Fuzzed.Memory(MAX_HELD + bytes.length);
    SigningInDevice device = new SigningInDevice(protocol);
    memory.measure(device.channel);
    StringBuilder heard = new StringBuilder();
    StringBuilder passed = new StringBuilder();
    for (byte[] piece : pieces) {
      device.send(Fuzzed.bytes(device.channel, piece));
      heard.append(device.heard());
      passed.append(device.passed());
      memory.assertBounded();
    }
    device.channel.checkException();
    device.close();
    memory.assertReleased();
    assertThat(heard.toString()).matches("([ -~]*+\r\n)*+");
    // No byte passes before the listener has accepted the device.
    assertThat(passed).isEmpty();
    checkReplies(protocol, new String(bytes, ISO_8859_1), heard.toString(), device.stopped);
    checkCredentials(bytes, device.credentials);
    assertThat(device.failures).hasSizeLessThanOrEqualTo(1).allSatisfy(Fuzzed::assertOneLine);
    return new Result(heard.toString(), passed.toString(), device.events);
  }

  /** Each line is a separate reply. */
  @FuzzTest
  void xoauthReplies(byte[] bytes) {
    String[] lines = new String(bytes, ISO_8859_1).split("\r?\n", -1);
    for (MailProtocol protocol : MailProtocol.values()) {
      OriginExchange exchange =
          OriginExchange.ofToken(
              protocol, "scans@contoso.example", new AccessToken(TOKEN, Instant.EPOCH));
      assertThat(((XoauthStep.Send) exchange.begin(List.of("SASL-IR", lines[0]))).line())
          .doesNotContain("\n");
      XoauthStep step = new XoauthStep.Send("");
      int said = 0;
      for (int i = 0; i < lines.length && step instanceof XoauthStep.Send say; i++) {
        assertThat(say.line()).matches("[!-~]*");
        step = exchange.next(List.of(lines[i]));
        said++;
      }
      assertThat(said).isLessThanOrEqualTo(4);
      if (step instanceof XoauthStep.Refused refused) {
        assertOneLine(refused.detail());
        assertThat(refused.detail()).doesNotContain(TOKEN);
      }
    }
  }
}
