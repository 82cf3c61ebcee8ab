package org.tlsuplift.proxy.mail.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.testing.Fuzzed.assertOneLine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.testing.Fuzzed;

/** Any bytes of signed-in devices and of their origins through the guard. */
class SmtpGuardFuzzTest {
  /** The kept bytes, a line and one more read, twice because a growing buffer is copied. */
  private static final int MAX_HELD = 1 << 16;

  private static final String COMMANDS =
      "EHLO a\r\nMAIL FROM:<a@contoso.example>\r\nRCPT TO:<b@contoso.example>\r\nDATA\r\n";

  /** Some servers end a message at each of these sequences (CVE-2023-51764). */
  private static final Pattern END_OF_DATA = Pattern.compile("[\r\n\0]\\.[\r\n\0]");

  private static final Pattern COMMAND =
      Pattern.compile(
          "(?i)(EHLO|HELO|MAIL|RCPT|RSET|NOOP|VRFY|EXPN|HELP|QUIT|DATA)( [^\r\n]*)?\r\n");

  private static final Pattern ALLOWED_SENDER =
      ScriptedSmtpOrigin.plainAddress("MAIL +FROM", "contoso.example");

  private static final Pattern HIDDEN =
      Pattern.compile("(?i)250[ -](STARTTLS|AUTH|CHUNKING|BINARYMIME|XCLIENT)([ =\r].*)?");

  /**
   * The result of a session. If it was refused, the passed bytes depend on the size of the reads.
   */
  private record Result(String passed, String heard, List<String> reports) {}

  @FuzzTest
  void ofDevice(byte[] bytes) {
    Fuzzed.inEachSplit(
        bytes,
        pieces -> {
          Fuzzed.Memory memory = new Fuzzed.Memory(MAX_HELD + bytes.length);
          GuardedSession session = new GuardedSession("@contoso.example");
          memory.measure(session.channel);
          ScriptedSmtpOrigin origin = new ScriptedSmtpOrigin(session, 1000);
          int reports = -1;
          for (byte[] piece : pieces) {
            session.device(new String(piece, ISO_8859_1));
            int before = origin.heard().length();
            origin.answer();
            memory.assertBounded();
            assertThat(reports >= 0 && origin.heard().length() > before)
                .as("after the end")
                .isFalse();
            reports = isEnded(session) ? session.told.size() : -1;
          }
          session.channel.checkException();
          session.close();
          memory.assertReleased();
          assertThat(origin.misplaced()).isEmpty();
          checkPassed(origin.heard());
          DeviceView.check(new String(bytes, ISO_8859_1), origin, false, !session.ends.isEmpty());
          origin.assertReported();
          session.told.forEach(Fuzzed::assertOneLine);
          return isEnded(session)
              ? new Result("", "", session.told)
              : new Result(origin.heard(), origin.deviceHeard(), session.told);
        });
  }

  private static boolean isEnded(GuardedSession session) {
    return session.told.stream().anyMatch(told -> told.startsWith("device_protocol_error"));
  }

  /** Reads the passed bytes as an origin does. */
  private static void checkPassed(String passed) {
    int at = 0;
    while (at < passed.length()) {
      int end = passed.indexOf("\r\n", at);
      String command = end < 0 ? passed.substring(at) : passed.substring(at, end + 2);
      assertThat(command).matches(COMMAND);
      String verb = command.substring(0, 4).toUpperCase(Locale.ROOT);
      if (verb.equals("MAIL")) {
        assertThat(command).matches(ALLOWED_SENDER);
      }
      at = end + 2;
      if (verb.equals("DATA")) {
        int last = passed.indexOf("\r\n.\r\n", end);
        String data = passed.substring(end, last < 0 ? passed.length() : last + 1);
        assertThat(END_OF_DATA.matcher(data).find()).as("an end within data").isFalse();
        at = last < 0 ? passed.length() : last + 5;
      }
    }
  }

  @FuzzTest
  void ofOrigin(byte[] bytes) {
    Result result =
        Fuzzed.inEachSplit(
            bytes,
            pieces -> {
              Fuzzed.Memory memory = new Fuzzed.Memory(MAX_HELD + bytes.length);
              GuardedSession session = new GuardedSession();
              memory.measure(session.channel);
              StringBuilder passed = new StringBuilder(session.device(COMMANDS).passed());
              StringBuilder heard = new StringBuilder();
              for (byte[] piece : pieces) {
                session.origin(new String(piece, ISO_8859_1));
                passed.append(session.passed());
                heard.append(session.heard());
                memory.assertBounded();
              }
              session.channel.checkException();
              session.close();
              memory.assertReleased();
              return session.told.isEmpty()
                  ? new Result(passed.toString(), heard.toString(), List.of())
                  : new Result(passed.toString(), "", session.told);
            });
    assertThat(COMMANDS).startsWith(result.passed());
    result.reports().forEach(report -> assertOneLine(report));
    // The first reply is to EHLO. Its first line has the origin's name, which may be any text.
    String[] lines = result.heard().split("\n", -1);
    for (int i = 1; i < lines.length && lines[i - 1].startsWith("250-"); i++) {
      assertThat(HIDDEN.matcher(lines[i]).matches()).as(lines[i]).isFalse();
    }
  }
}
