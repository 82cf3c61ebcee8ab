package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;

/** A mail origin that accepts only XOAUTH2, and repeats the lines after sign-in. */
public final class XoauthOrigin implements AutoCloseable {
  /** The tokens that are accepted. */
  public final List<String> good = new CopyOnWriteArrayList<>(List.of("good-token"));

  /** Replaces the protocol's usual reply to a refused token, if not empty. */
  public volatile String refusal = "";

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

  private static final Map<MailProtocol, String> OK =
      Map.of(
          MailProtocol.SMTP, "235 2.7.0 Accepted",
          MailProtocol.IMAP, "OK [CAPABILITY IMAP4rev1 IDLE MOVE] Logged in",
          MailProtocol.POP3, "+OK Logged in");

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
      greet(talk);
      list(talk, talk.hear(), false);
      String asked = talk.hear();
      talk.say(
          switch (protocol) {
            case SMTP -> "220 go";
            case IMAP -> asked.split(" ", 2)[0] + " OK go";
            case POP3 -> "+OK go";
          });
    }
    talk.acceptTls(context, "TLSv1.2");
    if (tls == OriginTls.IMPLICIT) {
      greet(talk);
    }
    list(talk, hear(talk), true);
    String line = hear(talk);
    String tag = protocol == MailProtocol.IMAP ? line.split(" ", 2)[0] + " " : "";
    if (!signIn(talk, line, tag)) {
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

  private void greet(MailTalk talk) throws IOException {
    talk.say(
        switch (protocol) {
          case SMTP -> "220 origin ESMTP";
          case IMAP -> "* OK ready";
          case POP3 -> "+OK ready";
        });
  }

  private void list(MailTalk talk, String asked, boolean secured) throws IOException {
    switch (protocol) {
      case SMTP -> {
        talk.say("250-origin").say("250-SIZE 1000").say("250-PIPELINING").say("250-CHUNKING");
        talk.say(secured ? "250 AUTH LOGIN XOAUTH2" : "250 STARTTLS");
      }
      case IMAP -> {
        String ways = secured ? "AUTH=XOAUTH2" + (initialResponse ? " SASL-IR" : "") : "STARTTLS";
        talk.say("* CAPABILITY IMAP4rev1 IDLE " + ways);
        talk.say(asked.split(" ", 2)[0] + " OK done");
      }
      case POP3 -> {
        talk.say("+OK list").say("TOP").say("RESP-CODES");
        talk.say(secured ? "SASL XOAUTH2" : "STLS").say(".");
      }
    }
  }

  private boolean signIn(MailTalk talk, String line, String tag) throws IOException {
    String[] words = line.substring(tag.length()).split(" ", -1);
    String response = words.length > 2 ? words[2] : "";
    if (response.isEmpty()) {
      talk.say(protocol == MailProtocol.SMTP ? "334 " : "+ ");
      response = hear(talk);
    }
    String[] parts =
        new String(Base64.getDecoder().decode(response), StandardCharsets.UTF_8)
            .split("\u0001", -1);
    String token = parts[1].substring("auth=Bearer ".length());
    if (good.contains(token)) {
      signedIn.add(parts[0].substring("user=".length()));
      talk.say(tag + OK.get(protocol));
      return true;
    }
    if (explains) {
      talk.say((protocol == MailProtocol.SMTP ? "334 " : "+ ") + "eyJzdGF0dXMiOiI0MDAifQ==");
      talk.hear();
    }
    String usual =
        switch (protocol) {
          case SMTP -> "535 5.7.3 Authentication unsuccessful";
          case IMAP -> "NO AUTHENTICATE failed.";
          case POP3 -> "-ERR Authentication failure: unknown user name or bad password.";
        };
    talk.say(tag + (refusal.isEmpty() ? usual : refusal));
    return false;
  }

  @Override
  public void close() {
    server.close();
  }
}
