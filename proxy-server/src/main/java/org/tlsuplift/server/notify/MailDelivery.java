package org.tlsuplift.server.notify;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.signin.dialogue.OriginExchange;
import org.tlsuplift.proxy.upstream.OriginSignInResult;
import org.tlsuplift.server.https.Outgoing;
import org.tlsuplift.server.https.OwnConnections;
import org.tlsuplift.server.mail.MailClient;
import org.tlsuplift.server.mail.SmtpCommands;

/**
 * Sends notifications as mail. The connection is like those to mail origins: TLS 1.2 or later, a
 * verified name, the same roots, the same upstream proxy.
 */
public final class MailDelivery implements Delivery {
  private static final int LONGEST_LINE = 900;

  private final Mail mail;
  private final Callable<@Nullable String> password;
  private final Supplier<Outgoing> outgoing;

  /**
   * The envelope and the server.
   *
   * @param user null if the server needs no sign-in
   */
  public record Mail(
      HostPort server, OriginTls tls, String from, List<String> to, @Nullable String user) {
    public Mail {
      to = List.copyOf(to);
    }
  }

  /**
   * Opens no connection yet.
   *
   * @param password reads the password for each mail, so that it can be replaced
   */
  public MailDelivery(Mail mail, Callable<@Nullable String> password, Supplier<Outgoing> outgoing) {
    this.mail = mail;
    this.password = password;
    this.outgoing = outgoing;
  }

  @Override
  public Channel channel() {
    return Channel.SMTP;
  }

  @Override
  public String target() {
    return String.join(", ", mail.to()) + " by " + mail.server();
  }

  /** A text that is mailed. */
  public record Letter(UUID id, Instant at, String subject, List<String> lines) {
    public Letter {
      lines = List.copyOf(lines);
    }
  }

  @Override
  public void send(Notification notification) throws OperatorException {
    send(
        new Letter(
            notification.id(),
            notification.at(),
            notification.title(),
            List.of(
                notification.title(),
                "",
                "What to do: " + notification.condition().remedy(),
                "Since:      " + notification.since(),
                "Condition:  " + notification.condition().id())));
  }

  /**
   * Sends a text once.
   *
   * @throws OperatorException if the receiver did not accept it; the message has no secrets
   */
  public void send(Letter letter) throws OperatorException {
    try (OwnConnections own = new OwnConnections(outgoing.get());
        SmtpCommands talk = connect(own)) {
      deliver(talk, letter);
    } catch (IOException failed) {
      throw new OperatorException(mail.server() + ": " + failed.getMessage());
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
      throw new OperatorException("the program is shutting down");
    }
  }

  private SmtpCommands connect(OwnConnections own)
      throws IOException, OperatorException, InterruptedException {
    RouteDecision.Bridge bridge =
        new RouteDecision.Bridge(mail.server(), mail.server().host(), "notify.smtp.server", null);
    MailService service = new MailService(MailProtocol.SMTP, DeviceTls.STARTTLS, mail.tls(), false);
    MailClient client = new MailClient(own.connector(), own.loop(), bridge, service);
    if (mail.user() == null) {
      return client.smtp();
    }
    OriginSignInResult result =
        MailClient.completed(
            client.signIn(OriginExchange.ofPassword(MailProtocol.SMTP, mail.user(), secret())));
    if (result instanceof OriginSignInResult.SignedIn signedIn) {
      return SmtpCommands.on(signedIn);
    }
    throw new OperatorException(
        mail.server() + ": the server refused the sign-in; check user and passwordFile");
  }

  private String secret() throws OperatorException {
    try {
      String read = password.call();
      return read == null ? "" : read;
    } catch (Exception unreadable) {
      throw new OperatorException("notify.smtp.passwordFile: " + unreadable.getMessage());
    }
  }

  private void deliver(SmtpCommands talk, Letter letter)
      throws OperatorException, InterruptedException {
    expect(talk, "2", "MAIL FROM:<" + mail.from() + ">");
    for (String to : mail.to()) {
      expect(talk, "2", "RCPT TO:<" + to + ">");
    }
    expect(talk, "3", "DATA");
    expect(talk, "2", content(letter) + "\r\n.");
    talk.ask("QUIT");
  }

  private void expect(SmtpCommands talk, String first, String command)
      throws OperatorException, InterruptedException {
    String reply = talk.ask(command);
    if (!reply.startsWith(first)) {
      throw new OperatorException(
          "%s: the server does not accept the mail (%s)"
              .formatted(mail.server(), reply.isEmpty() ? "no reply" : reply));
    }
  }

  private String content(Letter letter) {
    String text = String.join("\r\n", letter.lines().stream().map(MailDelivery::line).toList());
    boolean ascii = text.matches("[ -~\r\n]*");
    return String.join(
        "\r\n",
        "From: TLS Uplift <" + mail.from() + ">",
        "To: " + String.join(",\r\n ", mail.to().stream().map(to -> "<" + to + ">").toList()),
        "Subject: " + line(letter.subject()).replaceAll("[^ -~]", "?"),
        "Date: " + DateTimeFormatter.RFC_1123_DATE_TIME.format(letter.at().atZone(ZoneOffset.UTC)),
        "Message-ID: <" + letter.id() + "@tls-uplift.invalid>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=" + (ascii ? "us-ascii" : "utf-8"),
        "Content-Transfer-Encoding: " + (ascii ? "7bit" : "base64"),
        "Auto-Submitted: auto-generated",
        "",
        // RFC 5321 section 4.5.2: a dot at the beginning of a line is doubled.
        ascii
            ? text.replaceAll("(?m)^\\.", "..")
            : Base64.getMimeEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** No text ends a line or is too long (RFC 5321, section 4.5.3.1.6). */
  private static String line(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() > LONGEST_LINE ? plain.substring(0, LONGEST_LINE) : plain;
  }
}
