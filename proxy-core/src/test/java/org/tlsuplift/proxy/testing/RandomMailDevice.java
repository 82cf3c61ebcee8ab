package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.SSLContext;
import org.tlsuplift.proxy.model.MailProtocol;

/** A mail device that sends valid and invalid lines, split at random, and closes at random. */
public final class RandomMailDevice {
  private static final int TIMEOUT_MILLIS = 150;

  private static final String GOOD = SignInDesk.plain(SignInDesk.PASSWORD);

  private static final Map<MailProtocol, List<String>> SIGN_INS =
      Map.of(
          MailProtocol.SMTP,
          List.of(
              "AUTH PLAIN " + GOOD, "AUTH PLAIN\r\n" + GOOD, "EHLO printer\r\nAUTH PLAIN " + GOOD),
          MailProtocol.IMAP,
          List.of("t AUTHENTICATE PLAIN " + GOOD, "t AUTHENTICATE PLAIN\r\n" + GOOD),
          MailProtocol.POP3,
          List.of("AUTH PLAIN " + GOOD, "AUTH PLAIN\r\n" + GOOD));

  private static final Map<MailProtocol, List<String>> LINES =
      Map.of(
          MailProtocol.SMTP,
          List.of(
              "EHLO printer",
              "MAIL FROM:<a@b.example>",
              "RCPT TO:<a@b.example>",
              "DATA",
              "text",
              ".",
              "BDAT",
              "BDAT 5",
              "BDAT 5 LAST",
              "NOOP",
              "RSET",
              "QUIT",
              "AUTH PLAIN " + SignInDesk.plain("wrong"),
              "x".repeat(5000)),
          MailProtocol.IMAP,
          List.of(
              "a NOOP",
              "a CAPABILITY",
              "a SELECT INBOX",
              "a LOGIN x wrong",
              "a LOGIN {3+}",
              "a LOGOUT",
              "\0",
              "x".repeat(20_000)),
          MailProtocol.POP3,
          List.of("CAPA", "STAT", "USER x", "PASS wrong", "QUIT", "\0", "x".repeat(5000)));

  private RandomMailDevice() {}

  /** Connects, sends lines and closes. Errors are expected. */
  public static void run(
      InetSocketAddress listener, MailProtocol protocol, SSLContext trusting, Random random) {
    try (MailTalk talk = open(listener, protocol, trusting, random)) {
      for (String piece : cut(text(protocol, random), random)) {
        talk.send(piece);
        if (random.nextInt(3) == 0) {
          hear(talk);
        }
      }
      leave(talk, random);
    } catch (IOException refused) {
      // The proxy or a random choice ended the connection.
    }
  }

  private static MailTalk open(
      InetSocketAddress listener, MailProtocol protocol, SSLContext trusting, Random random)
      throws IOException {
    if (random.nextInt(3) > 0) {
      return MailTalk.tls(
              listener, "localhost", trusting, random.nextBoolean() ? "TLSv1" : "TLSv1.2")
          .timeout(TIMEOUT_MILLIS);
    }
    MailTalk talk = MailTalk.to(listener);
    if (random.nextInt(8) > 0) {
      talk.hear();
    }
    talk.timeout(TIMEOUT_MILLIS);
    if (random.nextBoolean()) {
      talk.ask(
          switch (protocol) {
            case SMTP -> "STARTTLS";
            case IMAP -> "t STARTTLS";
            case POP3 -> "STLS";
          });
      talk.startTls("localhost", trusting, random.nextBoolean() ? "TLSv1" : "TLSv1.2");
      talk.timeout(TIMEOUT_MILLIS);
    }
    return talk;
  }

  private static String text(MailProtocol protocol, Random random) {
    StringBuilder text = new StringBuilder();
    List<String> signIns = SIGN_INS.get(protocol);
    List<String> lines = LINES.get(protocol);
    if (random.nextInt(6) > 0) {
      text.append(signIns.get(random.nextInt(signIns.size()))).append("\r\n");
    }
    for (int i = random.nextInt(8); i > 0; i--) {
      text.append(lines.get(random.nextInt(lines.size()))).append("\r\n");
    }
    return text.toString();
  }

  /** Splits at no place, at each line, or at random. */
  private static List<String> cut(String text, Random random) {
    List<String> pieces = new ArrayList<>();
    int way = random.nextInt(3);
    int at = 0;
    while (at < text.length()) {
      int end =
          switch (way) {
            case 0 -> text.length();
            case 1 -> text.indexOf('\n', at) + 1;
            default -> Math.min(text.length(), at + 1 + random.nextInt(200));
          };
      pieces.add(text.substring(at, end));
      at = end;
    }
    return random.nextInt(4) == 0 ? pieces.subList(0, random.nextInt(pieces.size() + 1)) : pieces;
  }

  private static void leave(MailTalk talk, Random random) throws IOException {
    switch (random.nextInt(5)) {
      case 0 -> talk.reset();
      case 1 -> talk.close();
      case 2 -> {
        talk.endOutput();
        hearAll(talk);
      }
      default -> hearAll(talk);
    }
  }

  private static void hear(MailTalk talk) throws IOException {
    try {
      talk.hear();
    } catch (SocketTimeoutException silent) {
      // The proxy waits for more bytes.
    }
  }

  private static void hearAll(MailTalk talk) throws IOException {
    try {
      talk.atTheVeryEnd();
    } catch (SocketTimeoutException silent) {
      // The proxy waits for more bytes.
    }
  }
}
