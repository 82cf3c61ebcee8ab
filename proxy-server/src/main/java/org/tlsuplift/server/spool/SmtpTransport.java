package org.tlsuplift.server.spool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.tlsuplift.proxy.outcome.OriginReply.NOT_AUTHENTICATED;
import static org.tlsuplift.proxy.outcome.OriginReply.QUOTA_EXCEEDED;
import static org.tlsuplift.proxy.outcome.OriginReply.TENANT_QUOTA_EXCEEDED;
import static org.tlsuplift.proxy.outcome.OriginReply.TRIAL_QUOTA_EXCEEDED;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import io.netty.channel.EventLoop;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.OriginReplies;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.setup.OriginExchanges;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.LearntCapabilities;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.proxy.upstream.OriginSignInResult;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.server.inventory.OriginOutages;
import org.tlsuplift.server.mail.MailClient;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.SmtpCommands;
import org.tlsuplift.server.mail.Transport;

/**
 * Delivers to the origin of the listener that took the message: by the present routes, over
 * verified TLS, and with the present credentials of the account. Messages of a queue that follow
 * each other closely share a connection.
 *
 * <p>What the operator can correct defers a message. Only a reply of the origin to this message
 * refuses it.
 */
public final class SmtpTransport implements Transport, AutoCloseable {
  private static final Duration REPLY = Duration.ofMinutes(1);

  /** RFC 5321 section 4.5.3.2.6 recommends 10 minutes, because giving up makes a duplicate. */
  private static final Duration LAST_REPLY = Duration.ofMinutes(10);

  /** Some servers accept only so many messages on a connection. */
  private static final int MOST_MESSAGES = 20;

  private static final int PART = 32 * 1024;
  private static final int MAX_WORDS = 500;

  /** They have a code 5xx, but end by themselves, or when the operator corrects the account. */
  private static final Set<OriginReply> PASSING =
      EnumSet.of(NOT_AUTHENTICATED, QUOTA_EXCEEDED, TENANT_QUOTA_EXCEEDED, TRIAL_QUOTA_EXCEEDED);

  private final Function<OutgoingMessage, Way> ways;

  /** By the queue of their messages. */
  private final Cache<String, Open> idle;

  /**
   * What one attempt uses, of the current configuration.
   *
   * @param loop of the connector
   * @param listener that took the message; null if it is gone
   * @param outages hears whether the origin responds
   * @param learnt gets the origin's capabilities, from which devices learn its SIZE
   * @param account of the message; empty if it has none, or the account is gone or disabled
   */
  public record Way(
      UpstreamConnector connector,
      EventLoop loop,
      RouteTable routes,
      @Nullable ListenerSpec listener,
      OriginOutages outages,
      LearntCapabilities learnt,
      Optional<AccountResult.Known> account) {}

  /**
   * What a connection is for.
   *
   * @param connector of one configuration
   */
  private record Purpose(
      UpstreamConnector connector,
      RouteDecision.Bridge bridge,
      MailService service,
      Optional<AccountResult.Known> account) {}

  /**
   * A connection, on which messages have been sent.
   *
   * @param session the permit that it needs at the origin
   */
  private record Open(Purpose purpose, SmtpCommands commands, Permit session, int messages) {
    Open withOneMore() {
      return new Open(purpose, commands, session, messages + 1);
    }

    void quit() {
      commands.quit();
      session.end();
    }
  }

  /**
   * @param idle how long a connection waits for the next message; meanwhile it counts as a session
   *     of the mailbox
   */
  public SmtpTransport(Function<OutgoingMessage, Way> ways, Duration idle) {
    this.ways = ways;
    this.idle =
        Caffeine.newBuilder()
            .expireAfterWrite(idle)
            .scheduler(Scheduler.systemScheduler())
            .removalListener(SmtpTransport::ended)
            .build();
  }

  private static void ended(@Nullable String queue, @Nullable Open open, RemovalCause cause) {
    if (open != null && cause != RemovalCause.EXPLICIT) {
      open.quit();
    }
  }

  /** Ends the connections that wait for a message. */
  @Override
  public void close() {
    idle.asMap().values().forEach(Open::quit);
    idle.invalidateAll();
  }

  @Override
  public Result send(OutgoingMessage message, String header, Content content)
      throws InterruptedException {
    return new Attempt(ways.apply(message), message, header.getBytes(US_ASCII)).run(content);
  }

  /** Tries to deliver one message. What cannot be tried is an {@link IOException}. */
  private final class Attempt {
    private final Way way;
    private final OutgoingMessage message;
    private final String mailbox;
    private final byte[] header;
    private final Set<String> recipients;
    private final Map<String, String> refused = new HashMap<>();
    private final Map<String, String> deferred = new HashMap<>();
    private String by = "SMTP";

    Attempt(Way way, OutgoingMessage message, byte[] header) {
      this.way = way;
      this.message = message;
      this.mailbox = message.envelope().account();
      this.header = header;
      this.recipients = new LinkedHashSet<>(message.open());
    }

    Result run(Content content) throws InterruptedException {
      Permit turn = Permit.GRANTED;
      try {
        ListenerSpec listener = way.listener();
        MailService service = listener == null ? null : listener.mail().service();
        if (listener == null
            || service == null
            || service.protocol() != MailProtocol.SMTP
            || !(listener.accept() instanceof AcceptMode.Fixed fixed)) {
          throw new IOException("its SMTP listener is gone; add it again, or drop the message");
        }
        RouteDecision.Bridge bridge = bridge(fixed.origin());
        by = bridge.origin().toString();
        turn = permits().message(mailbox);
        grant(turn);
        String reply = send(new Purpose(way.connector(), bridge, service, way.account()), content);
        if (reply.startsWith("2")) {
          by += ": " + ShortText.printable(reply, MAX_WORDS);
          return new Result(by, List.copyOf(recipients), refused, deferred, null);
        }
        recipients.forEach(each -> refuse(each, reply));
      } catch (IOException | ExecutionException failed) {
        String why = ShortText.printable(String.valueOf(failed.getMessage()), MAX_WORDS);
        recipients.forEach(each -> deferred.put(each, why));
        return new Result(by, List.of(), refused, deferred, Duration.ZERO);
      } finally {
        turn.end();
      }
      return new Result(by, List.of(), refused, deferred, null);
    }

    private MailboxPermits permits() {
      return way.account().map(known -> known.access().permits()).orElse(MailboxPermits.UNLIMITED);
    }

    private String send(Purpose purpose, Content content)
        throws IOException, ExecutionException, InterruptedException {
      Open open = connect(purpose);
      String reply = "";
      try {
        reply = transact(open.commands(), content);
        return reply;
      } finally {
        if (reply.startsWith("2") && open.messages() < MOST_MESSAGES) {
          idle.put(message.queue(), open.withOneMore());
        } else if (reply.isEmpty()) {
          // Perhaps in the middle of the data, where no command may follow.
          open.commands().close();
          open.session().end();
        } else {
          open.quit();
        }
      }
    }

    /** Takes the connection of the message before, if it is for the same and works. */
    private Open connect(Purpose purpose)
        throws IOException, ExecutionException, InterruptedException {
      Open last = idle.asMap().remove(message.queue());
      if (last != null) {
        if (last.purpose().equals(purpose) && last.commands().ask("RSET", REPLY).startsWith("2")) {
          return last;
        }
        last.quit();
      }
      Permit session = permits().session(mailbox, MailProtocol.SMTP, message.envelope().device());
      SmtpCommands commands = null;
      try {
        grant(session);
        commands = open(purpose.bridge(), purpose.service());
        way.outages().reached(purpose.bridge().origin());
        if (way.listener() != null) {
          way.learnt().learn(way.listener().name(), commands.capabilities());
        }
        return new Open(purpose, commands, session, 1);
      } catch (IOException failed) {
        way.outages().failed(purpose.bridge().origin(), failed.getCause());
        throw failed;
      } finally {
        if (commands == null) {
          session.end();
        }
      }
    }

    private RouteDecision.Bridge bridge(HostPort origin) throws IOException {
      if (!mailbox.isEmpty() && way.account().isEmpty()) {
        throw new IOException(
            "account " + mailbox + " is gone or disabled; add or enable it, or drop the message");
      }
      Optional<Explanation> refusal =
          way.account().flatMap(known -> known.access().refusal(origin));
      RouteDecision decision = way.routes().decideBridge(origin);
      if (refusal.isEmpty() && decision instanceof RouteDecision.Bridge bridge) {
        return bridge;
      }
      throw new IOException(refusal.map(Explanation::text).orElse(decision.detail()));
    }

    private static void grant(Permit permit)
        throws IOException, ExecutionException, InterruptedException {
      if (permit.answer().toCompletableFuture().get() instanceof PermitResult.Busy busy) {
        throw new IOException(busy.why());
      }
    }

    private SmtpCommands open(RouteDecision.Bridge bridge, MailService service)
        throws IOException, ExecutionException, InterruptedException {
      MailClient client = new MailClient(way.connector(), way.loop(), bridge, service);
      if (way.account().isEmpty()) {
        return client.smtp();
      }
      OriginExchanges exchanges = new OriginExchanges(MailProtocol.SMTP, way.account().get());
      Optional<CompletionStage<OriginExchanges.Result>> next = Optional.of(exchanges.first());
      for (boolean renewed = false; ; renewed = true) {
        OriginExchanges.Result prepared = next.get().toCompletableFuture().get();
        if (prepared instanceof OriginExchanges.Result.Missing missing) {
          throw new IOException(missing.why());
        }
        OriginExchanges.Result.Ready ready = (OriginExchanges.Result.Ready) prepared;
        OriginSignInResult result = MailClient.completed(client.signIn(ready.exchange()));
        if (result instanceof OriginSignInResult.SignedIn signedIn) {
          return SmtpCommands.on(signedIn);
        }
        way.outages().reached(bridge.origin());
        XoauthStep.Refused why = ((OriginSignInResult.Refused) result).refused();
        next = renewed ? Optional.empty() : exchanges.renewed(ready, why);
        if (next.isEmpty()) {
          String remedy =
              why.known() == null ? "run 'tls-uplift doctor'" : why.known().signInRemedy();
          throw new IOException("the sign-in is refused: " + why.detail() + "; " + remedy);
        }
      }
    }

    /** Returns the last reply; empty for none. */
    private String transact(SmtpCommands commands, Content content)
        throws IOException, InterruptedException {
      String reply = begin(commands);
      if (!reply.startsWith("2")) {
        return reply;
      }
      for (String each : List.copyOf(recipients)) {
        reply = commands.ask("RCPT TO:<" + each + ">", REPLY);
        if (reply.isEmpty() || reply.startsWith("421")) {
          return reply;
        } else if (!reply.startsWith("2")) {
          recipients.remove(each);
          refuse(each, reply);
        }
      }
      if (recipients.isEmpty()) {
        return "";
      }
      reply = commands.ask("DATA", REPLY);
      if (!reply.startsWith("3")) {
        return reply.startsWith("2") ? "" : reply;
      }
      return data(commands, content);
    }

    /** The reply to MAIL, or why it is not sent. */
    private String begin(SmtpCommands commands) throws InterruptedException {
      long size = header.length + message.size();
      String limit = commands.offer("SIZE");
      boolean utf8 = message.envelope().utf8();
      if (utf8 && commands.offer("SMTPUTF8") == null) {
        return "553 5.6.7 " + by + " does not accept addresses outside ASCII (SMTPUTF8)";
      } else if (limit != null
          && limit.matches("[1-9][0-9]{0,17}")
          && size > Long.parseLong(limit)) {
        return "552 5.3.4 the message has " + size + " bytes; " + by + " accepts " + limit;
      }
      // Exchange Online may refuse the null sender of a signed-in mailbox. A notification about
      // this message then goes to the mailbox, and not to this program, so there is no loop.
      String sender = message.envelope().sender();
      return commands.ask(
          "MAIL FROM:<%s>%s%s%s"
              .formatted(
                  sender.isEmpty() ? mailbox : sender,
                  limit == null ? "" : " SIZE=" + size,
                  commands.offer("8BITMIME") == null ? "" : " BODY=8BITMIME",
                  utf8 ? " SMTPUTF8" : ""),
          REPLY);
    }

    /** Returns the last reply. If the line that ends the data is missing, the origin drops them. */
    private String data(SmtpCommands commands, Content content)
        throws IOException, InterruptedException {
      try (InputStream data =
          new SequenceInputStream(new ByteArrayInputStream(header), content.open())) {
        byte[] part = new byte[PART];
        String end = "\r\n";
        for (int read = data.read(part); read >= 0; read = data.read(part)) {
          if (!commands.send(part, read)) {
            return "";
          }
          end += new String(part, Math.max(0, read - 2), Math.min(2, read), ISO_8859_1);
          end = end.substring(end.length() - 2);
        }
        return commands.ask(end.equals("\r\n") ? "." : "\r\n.", LAST_REPLY);
      }
    }

    private void refuse(String recipient, String reply) {
      OriginReply known = OriginReplies.recognise(MailProtocol.SMTP, reply).orElse(null);
      String why = reply.isEmpty() ? by + " closed the connection or did not reply" : reply;
      if (known != null) {
        why += "; " + (mailbox.isEmpty() ? known.remedy() : known.signInRemedy());
      }
      boolean lasting = reply.startsWith("5") && (known == null || !PASSING.contains(known));
      (lasting ? refused : deferred).put(recipient, ShortText.printable(why, MAX_WORDS));
    }
  }
}
