package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * A stand-in for Exchange Online that accepts XOAUTH2, or passwords if it has any, and repeats the
 * lines after sign-in. Its lines are those of published transcripts, see {@link MicrosoftLines}.
 */
public final class XoauthOrigin implements AutoCloseable {
  /** The tokens that are accepted. */
  public final List<String> good = new CopyOnWriteArrayList<>(List.of("good-token"));

  /** The passwords that are accepted, by user; by default none. */
  public final Map<String, String> passwords = new ConcurrentHashMap<>();

  /** The mechanisms in the capabilities; if empty, those of Exchange Online. */
  public volatile List<String> mechanisms = List.of();

  /** Replaces the protocol's usual reply to a refused token, if not empty. */
  public volatile String refusal = "";

  /** Replaces the protocol's usual reply to a good token, without the tag, if not empty. */
  public volatile String acceptance = "";

  /** Whether an explanation in a challenge comes before a refusal. */
  public volatile boolean explains = true;

  /** Whether the capabilities include SASL-IR. */
  public volatile boolean initialResponse = true;

  /** The reply to a line after sign-in. */
  public volatile UnaryOperator<String> answer = line -> "heard " + line;

  /** The lines that the origin got, including tokens. */
  public final List<String> heard = new CopyOnWriteArrayList<>();

  /** The mailboxes that signed in. */
  public final List<String> signedIn = new CopyOnWriteArrayList<>();

  public final AtomicInteger connections = new AtomicInteger();

  private final MailProtocol protocol;
  private final OriginTls tls;
  private final SSLContext context;
  private final MailOriginServer server;

  /** Listens on loopback. */
  public XoauthOrigin(MailProtocol protocol, OriginTls tls, SSLContext context) {
    this.protocol = protocol;
    this.tls = tls;
    this.context = context;
    this.server = new MailOriginServer(this::serve);
  }

  public MailProtocol protocol() {
    return protocol;
  }

  public OriginTls tls() {
    return tls;
  }

  /** The address with another host name. */
  public HostPort as(String name) {
    return server.as(name);
  }

  public List<Exception> failures() {
    return server.failures;
  }

  private void serve(MailTalk talk) throws IOException {
    connections.incrementAndGet();
    if (tls == OriginTls.STARTTLS) {
      talk.say(MicrosoftLines.greeting(protocol));
      list(talk, talk.hear(), false);
      String asked = talk.hear();
      talk.say(tag(asked) + MicrosoftLines.startTls(protocol));
    }
    talk.acceptTls(context, "TLSv1.2");
    if (tls == OriginTls.IMPLICIT) {
      talk.say(MicrosoftLines.greeting(protocol));
    }
    list(talk, hear(talk), true);
    String line = hear(talk);
    if (!signIn(talk, line, tag(line))) {
      return;
    }
    for (String more = hear(talk); !more.isEmpty(); more = hear(talk)) {
      talk.say(answer.apply(more));
    }
  }

  private String hear(MailTalk talk) throws IOException {
    String line = talk.hear();
    if (!line.isEmpty()) {
      heard.add(line);
    }
    return line;
  }

  private String tag(String line) {
    return protocol == MailProtocol.IMAP ? line.split(" ", 2)[0] + " " : "";
  }

  private void list(MailTalk talk, String asked, boolean secured) throws IOException {
    switch (protocol) {
      case SMTP ->
          say(
              talk,
              MicrosoftLines.ehlo(InetAddress.getLoopbackAddress(), secured),
              "AUTH LOGIN XOAUTH2",
              "AUTH " + String.join(" ", mechanisms));
      case IMAP -> {
        say(
            talk,
            List.of(MicrosoftLines.imapCapabilities(secured, initialResponse)),
            "AUTH=XOAUTH2",
            "AUTH=" + String.join(" AUTH=", mechanisms));
        talk.say(tag(asked) + "OK CAPABILITY completed.");
      }
      case POP3 ->
          say(
              talk,
              MicrosoftLines.pop3Capabilities(secured),
              "SASL PLAIN XOAUTH2",
              "SASL " + String.join(" ", mechanisms));
    }
  }

  private void say(MailTalk talk, List<String> lines, String usual, String own) throws IOException {
    for (String line : lines) {
      talk.say(mechanisms.isEmpty() ? line : line.replace(usual, own));
    }
  }

  private boolean signIn(MailTalk talk, String line, String tag) throws IOException {
    String[] words = line.substring(tag.length()).split(" ", -1);
    String response = words.length > 2 ? words[2] : "";
    if (protocol == MailProtocol.POP3 && !response.isEmpty()) {
      talk.say(MicrosoftLines.POP3_ONE_LINE);
      return false;
    }
    if (response.isEmpty()) {
      response = respond(talk, words[1].equals("LOGIN") ? "VXNlcm5hbWU6" : "");
    }
    String user =
        switch (words[1]) {
          case "PLAIN" -> byPassword(decoded(response).split("\0", -1));
          case "LOGIN" ->
              byPassword(
                  new String[] {"", decoded(response), decoded(respond(talk, "UGFzc3dvcmQ6"))});
          default -> byToken(decoded(response).split("\u0001", -1));
        };
    if (!user.isEmpty()) {
      signedIn.add(user);
      talk.say(tag + (acceptance.isEmpty() ? MicrosoftLines.signedIn(protocol) : acceptance));
      return true;
    }
    if (explains && words[1].equals("XOAUTH2")) {
      talk.say((protocol == MailProtocol.SMTP ? "334 " : "+ ") + "eyJzdGF0dXMiOiI0MDAifQ==");
      talk.hear();
    }
    talk.say(tag + (refusal.isEmpty() ? MicrosoftLines.badToken(protocol) : refusal));
    return false;
  }

  private String respond(MailTalk talk, String challenge) throws IOException {
    talk.say((protocol == MailProtocol.SMTP ? "334 " : "+ ") + challenge);
    return hear(talk);
  }

  /** The user of a good token; empty for another. */
  private String byToken(String[] parts) {
    return good.contains(parts[1].substring("auth=Bearer ".length()))
        ? parts[0].substring("user=".length())
        : "";
  }

  /** The user of a good password; empty for another. */
  private String byPassword(String[] parts) {
    return parts[2].equals(passwords.get(parts[1])) ? parts[1] : "";
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.close();
  }
}
