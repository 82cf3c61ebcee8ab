package org.tlsuplift.proxy.mail.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.mail.LineEnds;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.RewriteFrom;
import org.tlsuplift.proxy.testing.Fuzzed;
import org.tlsuplift.proxy.testing.MessageReaders;

/** Any bytes of devices that sign in themselves through the guard. */
class RelayedSessionFuzzTest {
  /** The kept bytes, a header and one more read, twice because a growing buffer is copied. */
  private static final int MAX_HELD = 1 << 18;

  /** Some servers end a message at each of these sequences (CVE-2023-51764). */
  private static final Pattern END_OF_DATA = Pattern.compile("[\r\n\0]\\.[\r\n\0]");

  private static final Pattern COMMAND =
      Pattern.compile(
          "(?i)(EHLO|HELO|MAIL|RCPT|RSET|NOOP|VRFY|EXPN|HELP|QUIT|DATA|BDAT|AUTH)( [^\r\n]*)?\r\n");

  private static final Pattern CHUNK =
      Pattern.compile("BDAT +([0-9]+)( .*)?\r\n", Pattern.CASE_INSENSITIVE);

  private static final MailPolicy STRICT =
      new MailPolicy(
          List.of("@contoso.example"),
          List.of("@contoso.example"),
          2,
          2000,
          0,
          0,
          LineEnds.REPAIR,
          new RewriteFrom("a@contoso.example", null, RewriteFrom.ReplyTo.ORIGINAL));

  private static final Pattern ANY_SENDER = Pattern.compile("(?i)MAIL");
  private static final Pattern THE_SENDER = Pattern.compile("(?i)MAIL +FROM:<a@contoso\\.example>");
  private static final Pattern RECIPIENT =
      ScriptedSmtpOrigin.plainAddress("RCPT +TO", "contoso.example");

  private record Result(String passed, String heard, List<String> reports, int messages) {}

  @FuzzTest
  void ofDevice(byte[] bytes) {
    run(MailPolicy.NONE, ANY_SENDER, bytes);
  }

  @FuzzTest
  void ofDeviceWithRules(byte[] bytes) {
    run(STRICT, THE_SENDER, bytes);
  }

  private static void run(MailPolicy policy, Pattern mail, byte[] bytes) {
    Fuzzed.inEachSplit(
        bytes,
        pieces -> {
          Fuzzed.Memory memory = new Fuzzed.Memory(MAX_HELD + bytes.length);
          GuardedSession session = new GuardedSession(policy);
          memory.measure(session.channel);
          ScriptedSmtpOrigin origin = new ScriptedSmtpOrigin(session, 1000);
          assertThat(session.origin("220 ready\r\n").heard()).isEqualTo("220 ready\r\n");
          for (byte[] piece : pieces) {
            session.device(new String(piece, ISO_8859_1));
            origin.answer();
            memory.assertBounded();
          }
          origin.answer();
          session.guard.sessionEnds();
          session.channel.checkException();
          session.close();
          memory.assertReleased();
          assertThat(origin.misplaced()).isEmpty();
          assertThat(policy.maximumRecipients() == 0 || origin.mostRecipients() <= 2).isTrue();
          DeviceView.check(
              new String(bytes, ISO_8859_1),
              origin,
              policy.repairLineEnds() == LineEnds.REPAIR,
              !session.ends.isEmpty());
          origin.assertReported();
          origin.taken().forEach(taken -> checkTaken(policy, taken));
          assertThat(checkPassed(origin.heard()))
              .allMatch(command -> mail.matcher(command).lookingAt());
          session.told.forEach(Fuzzed::assertOneLine);
          // How much of a refused message passes depends on the size of the reads.
          boolean refused = session.messages.stream().anyMatch(each -> each.refusal() != null);
          return session.ends.isEmpty() && !refused
              ? new Result(
                  origin.heard(), origin.deviceHeard(), session.told, session.messages.size())
              : new Result("", "", session.told, 0);
        });
  }

  /** Each accepted message obeys the rules of its listener. */
  private static void checkTaken(MailPolicy policy, ScriptedSmtpOrigin.Taken taken) {
    if (!policy.allowedRecipients().isEmpty()) {
      assertThat(taken.recipients()).allMatch(RECIPIENT.asMatchPredicate());
    }
    if (policy.repairLineEnds() == LineEnds.REPAIR) {
      assertThat(taken.data().replace("\r\n", "")).doesNotContain("\r", "\n");
    }
    if (policy.rewriteFrom() != null) {
      MessageReaders.checkSender(taken.data(), policy.rewriteFrom().address());
    }
  }

  /**
   * Reads the passed bytes as an origin does that offers CHUNKING and AUTH LOGIN.
   *
   * @return the MAIL commands
   */
  private static List<String> checkPassed(String passed) {
    List<String> senders = new ArrayList<>();
    int at = 0;
    int signIn = 0;
    while (at < passed.length()) {
      int end = passed.indexOf("\r\n", at);
      String command = end < 0 ? passed.substring(at) : passed.substring(at, end + 2);
      at += command.length();
      if (signIn > 0) {
        signIn--;
        assertThat(command).matches("[ -~]*\r\n");
        continue;
      }
      assertThat(command).matches(COMMAND);
      String verb = command.substring(0, 4).toUpperCase(Locale.ROOT);
      if (verb.equals("MAIL")) {
        senders.add(command);
      }
      if (command.strip().equalsIgnoreCase("AUTH LOGIN")) {
        signIn = 2;
      } else if (verb.equals("DATA")) {
        int last = passed.indexOf("\r\n.\r\n", end);
        String data = passed.substring(end, last < 0 ? passed.length() : last + 1);
        assertThat(END_OF_DATA.matcher(data).find()).as("an end within data").isFalse();
        at = last < 0 ? passed.length() : last + 5;
      } else if (verb.equals("BDAT")) {
        Matcher chunk = CHUNK.matcher(command);
        assertThat(chunk.matches()).isTrue();
        at = (int) Math.min(passed.length(), at + Long.parseLong(chunk.group(1)));
      }
    }
    return senders;
  }
}
