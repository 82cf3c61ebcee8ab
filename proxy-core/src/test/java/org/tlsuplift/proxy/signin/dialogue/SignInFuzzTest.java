package org.tlsuplift.proxy.signin.dialogue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.List;
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
    Fuzzed.howeverCut(bytes, pieces -> dialogue(protocol, bytes, pieces));
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
    assertThat(heard.toString()).matches("([ -~]*\r\n)*");
    // No byte passes before the listener has accepted the device.
    assertThat(passed).isEmpty();
    assertThat(device.failures).hasSizeLessThanOrEqualTo(1).allSatisfy(Fuzzed::assertOneLine);
    return new Result(heard.toString(), passed.toString(), device.events);
  }

  /** Each line is a separate reply. */
  @FuzzTest
  void xoauthReplies(byte[] bytes) {
    String[] lines = new String(bytes, ISO_8859_1).split("\r?\n", -1);
    for (MailProtocol protocol : MailProtocol.values()) {
      XoauthExchange exchange =
          new XoauthExchange(
              protocol, "scans@contoso.example", new AccessToken(TOKEN, Instant.EPOCH));
      assertThat(exchange.opening(List.of("SASL-IR", lines[0]))).doesNotContain("\n");
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
