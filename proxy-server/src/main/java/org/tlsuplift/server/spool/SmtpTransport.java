package org.tlsuplift.server.spool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.OriginReplies;
import org.tlsuplift.proxy.model.Explanation;
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
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.proxy.upstream.OriginSignInResult;
import org.tlsuplift.proxy.upstream.TlsMailOrigin;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.server.notify.SmtpCommands;

/**
 * Delivers to the origin of the listener that took the message: by the present routes, over
 * verified TLS, and with the present credentials of the account. Each message has a connection.
 *
 * <p>What the operator can correct defers a message. Only a reply of the origin to this message
 * refuses it.
 */
public final class SmtpTransport implements Transport {
  private static final Duration CONNECT = Duration.ofSeconds(60);
  private static final Duration REPLY = Duration.ofMinutes(1);

  /** RFC 5321 section 4.5.3.2.6 recommends 10 minutes, because giving up makes a duplicate. */
  private static final Duration LAST_REPLY = Duration.ofMinutes(10);

  private static final int PART = 32 * 1024;
  private static final int MAX_WORDS = 500;

  /** They have a code 5xx, but end by themselves, or when the operator corrects the account. */
  private static final Set<OriginReply> PASSING =
      EnumSet.of(
          OriginReply.NOT_AUTHENTICATED,
          OriginReply.QUOTA_EXCEEDED,
          OriginReply.TENANT_QUOTA_EXCEEDED,
          OriginReply.TRIAL_QUOTA_EXCEEDED);

  private final Function<SpooledMessage, Way> ways;

  /**
   * What one attempt uses, of the current configuration.
   *
   * @param loop of the connector
   * @param listener that took the message; null if it is gone
   * @param account of the message; empty if it has none, or the account is gone or disabled
   */
  public record Way(
      UpstreamConnector connector,
      EventLoop loop,
      RouteTable routes,
      @Nullable ListenerSpec listener,
      Optional<AccountResult.Known> account) {
    private <T> T onLoop(Callable<T> task) throws InterruptedException {
      return loop.submit(task).sync().getNow();
    }
  }

  /** What the configuration says now. */
  private record Target(RouteDecision.Bridge bridge, MailService service) {}

  /** A connection after EHLO and the sign-in, with the capabilities in upper case. */
  private record Link(SmtpCommands commands, List<String> capabilities) {
    static Link on(OriginConnection connection, List<String> capabilities) {
      return new Link(
          SmtpCommands.on(connection),
          capabilities.stream().map(each -> each.toUpperCase(Locale.ROOT)).toList());
    }

    boolean offers(String keyword) {
      return capabilities.stream().anyMatch(each -> (each + " ").startsWith(keyword + " "));
    }

    /** The largest message that the origin accepts, in bytes. */
    long limit() {
      return capabilities.stream()
          .filter(each -> each.matches("SIZE [1-9][0-9]{0,17}"))
          .mapToLong(each -> Long.parseLong(each.substring(5)))
          .findFirst()
          .orElse(Long.MAX_VALUE);
    }
  }

  public SmtpTransport(Function<SpooledMessage, Way> ways) {
    this.ways = ways;
  }

  @Override
  public Result send(SpooledMessage message, String header, Content content)
      throws InterruptedException {
    Way way = ways.apply(message);
    MailboxPermits permits =
        way.account().map(known -> known.access().permits()).orElse(MailboxPermits.UNLIMITED);
    String mailbox = message.envelope().account();
    String by = "SMTP";
    Permit turn = Permit.GRANTED;
    Permit session = Permit.GRANTED;
    try {
      Target target = target(message, way);
      by = target.bridge().origin().toString();
      turn = permits.message(mailbox);
      grant(turn);
      session = permits.session(mailbox, MailProtocol.SMTP, message.envelope().device());
      grant(session);
      Link link = open(way, target);
      try (SmtpCommands commands = link.commands()) {
        return new Transaction(by, message, header).run(link, commands, content);
      }
    } catch (IOException | ExecutionException deferral) {
      Map<String, String> all = new HashMap<>();
      message
          .open()
          .forEach(
              each ->
                  all.put(
                      each, ShortText.printable(String.valueOf(deferral.getMessage()), MAX_WORDS)));
      return new Result(by, List.of(), Map.of(), all, null);
    } finally {
      turn.end();
      session.end();
    }
  }

  private static Target target(SpooledMessage message, Way way) throws IOException {
    ListenerSpec listener = way.listener();
    MailService service = listener == null ? null : listener.mail();
    String mailbox = message.envelope().account();
    if (service == null
        || service.protocol() != MailProtocol.SMTP
        || !(listener.accept() instanceof AcceptMode.Fixed fixed)) {
      throw new IOException(
          "there is no listener %s with an SMTP origin; add it again, or drop the message"
              .formatted(message.envelope().listener()));
    }
    RouteDecision decision = way.routes().decideBridge(fixed.origin());
    if (!(decision instanceof RouteDecision.Bridge bridge)) {
      throw new IOException(decision.detail());
    }
    if (!mailbox.isEmpty() && way.account().isEmpty()) {
      throw new IOException(
          "account %s was removed or is disabled; add or enable it, or drop the message"
              .formatted(mailbox));
    }
    Optional<Explanation> refusal =
        way.account().flatMap(known -> known.access().refusal(fixed.origin()));
    if (refusal.isPresent()) {
      throw new IOException(refusal.get().text());
    }
    return new Target(bridge, service);
  }

  private static void grant(Permit permit)
      throws IOException, ExecutionException, InterruptedException {
    if (permit.answer().toCompletableFuture().get() instanceof PermitResult.Busy busy) {
      throw new IOException(busy.why());
    }
  }

  private static Link open(Way way, Target target)
      throws IOException, ExecutionException, InterruptedException {
    DialContext dial = DialContext.itself(way.loop());
    if (way.account().isPresent()) {
      OriginExchanges exchanges = new OriginExchanges(MailProtocol.SMTP, way.account().get());
      return signIn(way, target, exchanges, exchanges.first(), true);
    }
    TlsMailOrigin origin =
        way.onLoop(
            () ->
                way.connector()
                    .prepareSecuredMail(dial, target.bridge(), target.service(), reply -> {}));
    return Link.on(completed(origin.connection()), origin.capabilities().getNow());
  }

  private static Link signIn(
      Way way,
      Target target,
      OriginExchanges exchanges,
      CompletionStage<OriginExchanges.Result> prepared,
      boolean first)
      throws IOException, ExecutionException, InterruptedException {
    OriginExchanges.Result result = prepared.toCompletableFuture().get();
    if (result instanceof OriginExchanges.Result.Missing missing) {
      throw new IOException(missing.why());
    }
    OriginExchanges.Result.Ready ready = (OriginExchanges.Result.Ready) result;
    DialContext dial = DialContext.itself(way.loop());
    OriginSignInResult answer =
        completed(
            way.onLoop(
                () ->
                    way.connector()
                        .signIn(
                            dial,
                            target.bridge(),
                            target.service(),
                            null,
                            ready.exchange(),
                            reply -> {})));
    if (answer instanceof OriginSignInResult.SignedIn signedIn) {
      return Link.on(signedIn.connection(), signedIn.capabilities());
    }
    XoauthStep.Refused why = ((OriginSignInResult.Refused) answer).refused();
    Optional<CompletionStage<OriginExchanges.Result>> renewed =
        first ? exchanges.renewed(ready, why) : Optional.empty();
    if (renewed.isPresent()) {
      return signIn(way, target, exchanges, renewed.get(), false);
    }
    throw new IOException(
        "the sign-in is refused: %s; %s"
            .formatted(
                why.detail(),
                why.known() == null ? "run 'tls-uplift doctor'" : why.known().signInRemedy()));
  }

  private static <T> T completed(Future<T> future) throws IOException, InterruptedException {
    try {
      if (future.await(CONNECT.toMillis(), TimeUnit.MILLISECONDS) && future.isSuccess()) {
        return future.getNow();
      }
      throw new IOException(
          future.cause() == null
              ? "the origin has not responded within " + CONNECT.toSeconds() + " s"
              : String.valueOf(future.cause().getMessage()));
    } finally {
      future.cancel(false);
    }
  }

  /** One attempt. Not thread-safe. */
  private static final class Transaction {
    private final String by;
    private final SpooledMessage message;
    private final byte[] header;
    private final Set<String> recipients;
    private final Map<String, String> refused = new HashMap<>();
    private final Map<String, String> deferred = new HashMap<>();
    private String reply = "";

    Transaction(String by, SpooledMessage message, String header) {
      this.by = by;
      this.message = message;
      this.header = header.getBytes(US_ASCII);
      this.recipients = new LinkedHashSet<>(message.open());
    }

    Result run(Link link, SmtpCommands commands, Content content)
        throws IOException, InterruptedException {
      reply = begin(link, commands);
      if (!reply.startsWith("2")) {
        return failed("MAIL");
      }
      for (String each : List.copyOf(recipients)) {
        reply = commands.ask("RCPT TO:<" + each + ">", REPLY);
        if (reply.isEmpty() || reply.startsWith("421")) {
          return failed("RCPT");
        } else if (!reply.startsWith("2")) {
          recipients.remove(each);
          refuse(each, "RCPT");
        }
      }
      if (recipients.isEmpty()) {
        return failed("RCPT");
      }
      reply = commands.ask("DATA", REPLY);
      if (!reply.startsWith("3")) {
        return failed("DATA");
      }
      reply = data(commands, content);
      return reply.startsWith("2")
          ? new Result(
              by + ": " + ShortText.printable(reply, MAX_WORDS),
              List.copyOf(recipients),
              refused,
              deferred,
              null)
          : failed("the data");
    }

    /** The reply to MAIL, or why it is not sent. */
    private String begin(Link link, SmtpCommands commands) throws InterruptedException {
      long size = header.length + message.size();
      boolean utf8 = message.envelope().utf8();
      if (utf8 && !link.offers("SMTPUTF8")) {
        return "553 5.6.7 " + by + " does not accept addresses outside ASCII (SMTPUTF8)";
      } else if (size > link.limit()) {
        return "552 5.3.4 the message has " + size + " bytes; " + by + " accepts " + link.limit();
      }
      // Exchange Online accepts no null sender from a signed-in mailbox. A notification about this
      // message then goes to the mailbox, and not to this program, so there is no loop.
      String sender = message.envelope().sender();
      return commands.ask(
          "MAIL FROM:<%s>%s%s%s"
              .formatted(
                  sender.isEmpty() ? message.envelope().account() : sender,
                  link.offers("SIZE") ? " SIZE=" + size : "",
                  link.offers("8BITMIME") ? " BODY=8BITMIME" : "",
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

    private Result failed(String step) {
      recipients.forEach(each -> refuse(each, step));
      return new Result(by, List.of(), refused, deferred, null);
    }

    private void refuse(String recipient, String step) {
      OriginReply known = OriginReplies.recognise(MailProtocol.SMTP, reply).orElse(null);
      String why = reply;
      if (reply.isEmpty()) {
        why = by + " closed the connection, or did not reply to " + step;
      } else if (known != null) {
        boolean signedIn = !message.envelope().account().isEmpty();
        why = reply + "; " + (signedIn ? known.signInRemedy() : known.remedy());
      }
      boolean lasting = reply.startsWith("5") && (known == null || !PASSING.contains(known));
      (lasting ? refused : deferred).put(recipient, ShortText.printable(why, MAX_WORDS));
    }
  }
}
