package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.mail.LineEnds;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.RewriteFrom;

/**
 * Messages as programs sent them: curl, git send-email, MIME::Lite, mpack, msmtp, mutt, nodemailer
 * on Node.js 0.10, Python, s-nail and swaks. Nothing but their sender changes.
 */
class RealMessagesTest {
  private static final Pattern SENDER =
      Pattern.compile("(?im)^(From|Sender)[ \t]*:.*\r\n(?:[ \t].*\r\n)*");

  private static final Pattern BARE_LF = Pattern.compile("(?<!\r)\n");

  /**
   * A message.
   *
   * @param senders its new From and Sender fields in their order
   */
  private record Message(String name, List<String> senders) {
    String data() {
      return read(name + ".msg");
    }

    /** The data with the new fields. A message without From gets it as the last field. */
    String expected() {
      String data = data();
      int end = data.indexOf("\r\n\r\n") + 2;
      Matcher fields = SENDER.matcher(data.substring(0, end));
      StringBuilder head = new StringBuilder();
      int next = 0;
      boolean from = false;
      while (fields.find()) {
        boolean another = fields.group(1).toLowerCase(Locale.ROOT).equals("from");
        boolean removed = another && from;
        from |= another;
        fields.appendReplacement(
            head, removed ? "" : Matcher.quoteReplacement(senders.get(next++)));
      }
      fields.appendTail(head);
      if (!from) {
        head.append(senders.get(next++));
      }
      assertThat(next).isEqualTo(senders.size());
      return head + data.substring(end);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static String read(String name) {
    try (InputStream in = RealMessagesTest.class.getResourceAsStream("messages/" + name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static Stream<Message> messages() {
    return Arrays.stream(read("senders.txt").split("\n\n"))
        .map(
            block -> {
              String[] lines = block.stripTrailing().split("\n(?![ \t])");
              return new Message(
                  lines[0],
                  Arrays.stream(lines)
                      .skip(1)
                      .map(field -> field.replace("\n", "\r\n") + "\r\n")
                      .toList());
            });
  }

  @Test
  void thereAreFifty() {
    assertThat(messages()).hasSize(50);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void onlyTheSenderChanges(Message message) {
    check(message, message.expected(), true);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void nothingChangesWithoutANewSender(Message message) {
    check(message, message.data(), false);
  }

  /** curl's encoder 8bit leaves the line feeds of a file bare, and its dots single. */
  private static void check(Message message, String expected, boolean rewrites) {
    boolean bare = BARE_LF.matcher(message.data()).find();
    assertThat(bare).isEqualTo(message.name().equals("curl-8bit"));
    for (LineEnds lineEnds : LineEnds.values()) {
      for (int piece : List.of(11, 500, Integer.MAX_VALUE)) {
        String passed = passed(policy(lineEnds, rewrites), message.data(), piece);
        if (!bare) {
          assertThat(passed).as("%s in pieces of %s", lineEnds, piece).isEqualTo(expected);
        } else if (lineEnds == LineEnds.REPAIR) {
          assertThat(passed).isEqualTo(repaired(expected));
        } else {
          assertThat(expected).startsWith(passed);
          assertThat(passed).doesNotContain("\n.\n");
        }
      }
    }
  }

  private static String repaired(String data) {
    String doubled =
        Pattern.compile(BARE_LF.pattern() + "\\.(?!\\.)").matcher(data).replaceAll("\r\n..");
    return BARE_LF.matcher(doubled).replaceAll("\r\n");
  }

  private static MailPolicy policy(LineEnds lineEnds, boolean rewrites) {
    RewriteFrom to = new RewriteFrom("scanner@contoso.example", null, RewriteFrom.ReplyTo.NONE);
    return new MailPolicy(List.of(), List.of(), 0, 0, 0, 0, lineEnds, rewrites ? to : null);
  }

  private static String passed(MailPolicy policy, String data, int piece) {
    try (GuardedSession session = new GuardedSession(policy)) {
      session.device("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
      session.origin("250 ok\r\n250 ok\r\n354 go\r\n");
      session.passed();
      for (int at = 0; at < data.length(); at += Math.min(piece, data.length() - at)) {
        session.device(data.substring(at, at + Math.min(piece, data.length() - at)));
      }
      return session.passed();
    }
  }
}
