package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A session as a device sees it whose origin is a {@link ScriptedSmtpOrigin}: each command has one
 * reply, in the order of the commands, and a positive reply is the origin's reply to this command.
 */
final class DeviceView {
  private static final String OK = "250 2\\.0\\.0 ok\r\n";

  /** The positive replies of the origin, by the command. */
  private static final Map<String, Pattern> POSITIVE =
      Map.ofEntries(
          entry("EHLO", "250-origin\r\n(250-.*\r\n)*250 .*\r\n"),
          entry("HELO", OK),
          entry("MAIL", "250 2\\.1\\.0 ok\r\n"),
          entry("RCPT", "250 2\\.1\\.5 ok\r\n"),
          entry("DATA", "354 go\r\n"),
          entry("BDAT", "250 2\\.0\\.0 chunk\r\n"),
          entry("AUTH", "334 name\r\n|" + OK),
          entry("RSET", OK),
          entry("NOOP", OK),
          entry("VRFY", OK),
          entry("EXPN", OK),
          entry("HELP", OK),
          entry("QUIT", "221 2\\.0\\.0 bye\r\n"));

  private static final Pattern OF_SIGN_IN =
      Pattern.compile("334 password\r\n|235 2\\.7\\.0 in\r\n");

  private static final Pattern OF_MESSAGE = Pattern.compile("250 2\\.0\\.0 taken\r\n");
  private static final Pattern REPLY = Pattern.compile("([0-9]{3}-.*\r\n)*[0-9]{3}( .*)?\r\n");
  private static final Pattern CHUNK = Pattern.compile("(?i)BDAT +([0-9]{1,18})( +LAST)? *\r?\n");

  private final String sent;
  private final boolean repairs;
  private final Deque<String> replies = new ArrayDeque<>();
  private int at;

  private DeviceView(String sent, String heard, boolean repairs) {
    this.sent = sent;
    this.repairs = repairs;
    Matcher reply = REPLY.matcher(heard);
    int end = 0;
    for (; reply.find(end) && reply.start() == end; end = reply.end()) {
      replies.add(reply.group());
    }
    assertThat(heard.substring(end)).as("no reply").isEmpty();
  }

  private static Map.Entry<String, Pattern> entry(String verb, String replies) {
    return Map.entry(verb, Pattern.compile(replies));
  }

  /**
   * Asserts that the replies belong to the commands.
   *
   * @param sent all bytes of the device
   * @param origin has replied to everything that passed
   * @param repairs whether a command may end with a bare LF
   * @param ended whether the guard ended the session: after the reply to the last command that it
   *     read, one more says so
   */
  static void check(String sent, ScriptedSmtpOrigin origin, boolean repairs, boolean ended) {
    DeviceView view = new DeviceView(sent, origin.deviceHeard(), repairs);
    assertThat(view.replies.stream().filter(reply -> !isNegative(reply)))
        .as("the origin's replies")
        .hasSize(origin.positiveReplies());
    boolean answered = true;
    while (answered && !(ended && view.replies.isEmpty())) {
      answered = view.next();
    }
    assertThat(view.replies).hasSizeLessThanOrEqualTo(ended ? 2 : 0);
    assertThat(view.replies).allMatch(DeviceView::isNegative);
  }

  /** Reads the next command and its replies; returns whether the command was complete. */
  private boolean next() {
    String line = line();
    if (line.isEmpty()) {
      return false;
    }
    String verb = line.split("[ \r\n]", 2)[0].toUpperCase(Locale.ROOT);
    Matcher chunk = CHUNK.matcher(line);
    if (isClean(line) && chunk.matches()) {
      long end = at + Long.parseLong(chunk.group(1));
      if (end > sent.length()) {
        return false;
      }
      at = (int) end;
    }
    String reply = reply(line, POSITIVE.get(verb));
    if (reply.startsWith("354")) {
      return data();
    }
    while (reply.startsWith("334")) {
      String response = line();
      if (response.isEmpty()) {
        return false;
      }
      reply = reply("a line of the sign-in", OF_SIGN_IN);
    }
    return true;
  }

  private boolean data() {
    int end = sent.startsWith(".\r\n", at) ? at + 3 : sent.indexOf("\r\n.\r\n", at) + 5;
    if (end < at + 3) {
      return false;
    }
    at = end;
    reply("a message", OF_MESSAGE);
    return true;
  }

  private String line() {
    int end = sent.indexOf('\n', at) + 1;
    String line = end == 0 ? "" : sent.substring(at, end);
    at += line.length();
    return line;
  }

  private String reply(String to, Pattern positive) {
    String reply = replies.poll();
    assertThat(reply).as("a reply to %s", to).isNotNull();
    assertThat(isNegative(reply) || (positive != null && positive.matcher(reply).matches()))
        .as("%s as the reply to %s", reply, to)
        .isTrue();
    return reply;
  }

  private boolean isClean(String line) {
    return (repairs || line.endsWith("\r\n"))
        && line.replaceFirst("\r?\n$", "").chars().allMatch(c -> c >= ' ' && c != 0x7f);
  }

  private static boolean isNegative(String reply) {
    return reply.startsWith("4") || reply.startsWith("5");
  }
}
