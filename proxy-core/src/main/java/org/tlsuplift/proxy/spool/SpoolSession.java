package org.tlsuplift.proxy.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.MailDestination.SignedIn;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.mail.KeptBytes;
import org.tlsuplift.proxy.mail.MailLines;
import org.tlsuplift.proxy.mail.MailText;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.mail.OriginConversation;
import org.tlsuplift.proxy.mail.OriginReplies;
import org.tlsuplift.proxy.mail.guard.DataEnd;
import org.tlsuplift.proxy.mail.guard.Envelope;
import org.tlsuplift.proxy.mail.guard.GuardedCapabilities;
import org.tlsuplift.proxy.mail.guard.SmtpGuard;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.relay.AbruptClose;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.spool.MessageSpool.Incoming;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;

/**
 * The SMTP server for one device whose listener has a spool (RFC 5321), after the guard.
 *
 * <p>With a connection to the origin, each command passes there and its reply comes back, and the
 * data goes to both. If the origin replies with 4xx, is too slow or closes the connection, the
 * spool takes this message and later ones. The longest wait is the reply timeout for each command
 * and each piece of data, and twice that after the data. RFC 5321 section 4.5.3.2.6 has 10 minutes
 * there, because the origin may have accepted the message, which then arrives twice. But devices do
 * not wait that long. The data of a message may take {@value #DATA_LIMIT} times as long.
 *
 * <p>If a device leaves after the data and before the reply, its message is kept. It arrives twice
 * if the device sends it again. Runs on one event loop. Holds one read of the device, besides what
 * waits in the channel.
 */
final class SpoolSession {
  /** As many as Exchange Online accepts. RFC 5321 section 4.5.3.1.8 requires 100. */
  private static final int MAX_RECIPIENTS = 500;

  /** RFC 5321 section 4.5.3.1.3 has 256 bytes. */
  private static final int MAX_ADDRESS = 320;

  private static final int END_OF_DATA = 3;

  /** The handler that sends the commands of the session to the origin. */
  private static final String CONVERSATION = "spool-conversation";

  /** In reply timeouts. 10 minutes are enough for 70 MB at 1 Mbit/s. */
  private static final int DATA_LIMIT = 20;

  /** The parameters of MAIL; RCPT has none. */
  private static final Pattern PARAMETERS =
      Pattern.compile("( +(SIZE=[0-9]+|BODY=(7BIT|8BITMIME)|SMTPUTF8|AUTH=\\S+))* *");

  private static final State IDLE = new State.Idle();
  private static final State ENDED = new State.Ended();
  private static final State WAITING = new State.Waiting(null, false);

  private sealed interface State {
    record Idle() implements State {}

    /** MAIL was accepted, and these recipients. */
    record Begun(String sender, boolean utf8, List<String> recipients) implements State {}

    record Data(Incoming incoming) implements State {}

    /**
     * The origin or the spool has to do something first.
     *
     * @param incoming the message whose data has begun and that is not kept yet, or null
     * @param complete whether its data is complete
     */
    record Waiting(@Nullable Incoming incoming, boolean complete) implements State {}

    /** The device has quit, or the channel is closed. */
    record Ended() implements State {}
  }

  private record Origin(Channel channel, OriginConversation conversation) {}

  private final SessionContext context;
  private final MessageSpool spool;
  private final SignedIn device;
  private final Duration timeout;
  private final SpoolChannel channel = new SpoolChannel(this);
  private final KeptBytes held = new KeptBytes();

  /** The guard's lines are shorter. */
  private final MailLines lines = new MailLines(16 * 1024);

  private final DataEnd end = new DataEnd();
  private State state = IDLE;
  private @Nullable Origin origin;
  private Permit permit = Permit.GRANTED;

  /** When the spool has taken the latest piece of data. */
  private CompletionStage<?> added = CompletableFuture.completedStage(null);

  private @Nullable Future<?> overdue;
  private boolean refusing;
  private boolean proceeding;
  private boolean deviceEnded;

  /**
   * Creates a session that {@link #start} starts.
   *
   * @param device its mailbox is empty if this proxy has not signed it in
   */
  SpoolSession(SessionContext context, MessageSpool spool, SignedIn device) {
    this.context = context;
    this.spool = spool;
    this.device = device;
    this.timeout = context.services().upstream().replyTimeout();
  }

  /**
   * Starts the session.
   *
   * @param greets whether the device waits for a greeting
   * @param live the connection to the origin, on which a message may begin; null for none
   * @return the connection for the relay
   */
  OriginConnection start(boolean greets, @Nullable OriginConnection live) {
    channel.config().setAutoRead(false);
    channel.pipeline().addLast(UpstreamInitializer.HOLD, new HoldingHandler());
    var unused = context.device().eventLoop().register(channel);
    if (live != null && live.isUsable()) {
      use(live.channel());
    }
    if (greets) {
      channel.reply(DeviceDialect.of(MailProtocol.SMTP).greeting(device.host()));
    }
    return OriginConnection.of(channel, live == null ? null : live.handshake());
  }

  /** The capabilities for the device, with the SIZE of the origin if it is known. */
  static List<String> capabilities(SessionContext context) {
    List<String> learnt = context.services().learntCapabilities().recent(context.spec().name());
    long limit = learnt == null ? 0 : GuardedCapabilities.size(learnt);
    String size = limit == 0 ? "SIZE" : "SIZE " + limit;
    return List.of(size, "PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES");
  }

  private void use(Channel live) {
    OriginConversation conversation =
        new OriginConversation(MailProtocol.SMTP, timeout, this::recognised);
    // The end of the origin's stream ends the connection.
    live.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    live.pipeline().addLast(CONVERSATION, conversation);
    live.pipeline().remove(UpstreamInitializer.HOLD);
    origin = new Origin(live, conversation);
  }

  private void recognised(OriginReply reply) {
    context.report().originReplied(MailProtocol.SMTP, reply);
  }

  boolean isReady() {
    return !(state instanceof State.Waiting);
  }

  /** Takes over bytes of the device, while it is ready. */
  void take(ByteBuf bytes) {
    held.add(channel.alloc(), bytes);
    proceed();
  }

  /** The device sends nothing more. */
  void deviceEnded() {
    deviceEnded = true;
    proceed();
  }

  private void proceed() {
    if (proceeding) {
      return;
    }
    proceeding = true;
    boolean moves = true;
    for (ByteBuf kept = held.look(); kept != null && moves; kept = held.look()) {
      moves = step(kept);
      held.trim();
    }
    proceeding = false;
    if (isReady() && (deviceEnded || state == ENDED)) {
      end();
      channel.endInput();
    }
  }

  /** Handles the next piece. Returns whether there may be another. */
  private boolean step(ByteBuf kept) {
    if (state instanceof State.Waiting) {
      return false;
    } else if (state instanceof State.Ended) {
      kept.skipBytes(kept.readableBytes());
    } else if (state instanceof State.Data data) {
      held.take();
      data(data.incoming(), kept);
    } else {
      String line = lines.next(kept);
      if (line == null) {
        return false;
      }
      command(line);
    }
    return true;
  }

  private void command(String line) {
    String verb = DeviceDialect.verb(line);
    String arguments = line.substring(verb.length());
    switch (verb) {
      case "EHLO" ->
          reset(
              "250-%s\r\n250-%s"
                  .formatted(device.host(), String.join("\r\n250-", capabilities(context)))
                  .replace("-ENH", " ENH"));
      case "HELO" -> reset("250 " + device.host());
      case "RSET" -> reset("250 2.0.0 OK");
      case "NOOP" -> answer("250 2.0.0 OK", state);
      case "MAIL" -> mail(line, Envelope.from(arguments));
      case "RCPT" -> recipient(line, Envelope.to(arguments));
      case "DATA" -> data(line);
      case "QUIT" -> {
        if (origin != null) {
          var unused = origin.conversation().command(line, timeout);
        }
        answer("221 2.0.0 Bye", ENDED);
      }
      case "AUTH" ->
          answer("503 5.5.1 No sign-in is needed here; turn off SMTP sign-in in the device", state);
      default -> answer("502 5.5.1 This command is not supported", state);
    }
  }

  private void reset(String reply) {
    Runnable done = () -> answer(reply, IDLE);
    ask("RSET", "2", timeout, theirs -> done.run(), done);
  }

  private void mail(String line, @Nullable Envelope from) {
    String parameters = from == null ? "" : from.parameters().toUpperCase(Locale.ROOT);
    boolean utf8 = parameters.contains(" SMTPUTF8");
    if (state != IDLE) {
      answer("503 5.5.1 A message has begun; send RSET first", state);
    } else if (from == null || isMalformed(from, utf8)) {
      answer("501 5.5.4 Expected MAIL FROM:<address>", state);
    } else if (!PARAMETERS.matcher(parameters).matches()) {
      answer("555 5.5.4 A parameter of MAIL is not supported", state);
    } else {
      State begun = new State.Begun(from.text(), utf8, new ArrayList<>());
      permit = origin == null ? Permit.GRANTED : device.permits().get();
      state = WAITING;
      then(
          permit.answer(),
          given -> {
            permit = Permit.GRANTED;
            if (given instanceof PermitResult.Busy busy) {
              lose(busy.why());
            }
            pass(line, "2", "250 2.1.0 Sender OK", accepted -> accepted ? begun : IDLE);
          });
    }
  }

  private void recipient(String line, @Nullable Envelope to) {
    if (!(state instanceof State.Begun begun)) {
      answer("503 5.5.1 No message has begun; send MAIL first", state);
    } else if (to == null || to.address().isEmpty() || isMalformed(to, begun.utf8())) {
      answer("501 5.5.4 Expected RCPT TO:<address>", state);
    } else if (!to.parameters().isBlank()) {
      answer("555 5.5.4 A parameter of RCPT is not supported", state);
    } else if (begun.recipients().size() >= MAX_RECIPIENTS) {
      answer("452 4.5.3 Too many recipients", state);
    } else {
      pass(
          line,
          "2",
          "250 2.1.5 Recipient OK",
          accepted -> {
            if (accepted) {
              begun.recipients().add(to.text());
            }
            return begun;
          });
    }
  }

  /** Whether an address is too long, is not UTF-8, or needs SMTPUTF8 (RFC 6531). */
  private static boolean isMalformed(Envelope path, boolean utf8) {
    String address = path.text();
    return address.length() > MAX_ADDRESS
        || address.indexOf('\ufffd') >= 0
        || !(utf8 || address.chars().allMatch(c -> c < 0x80));
  }

  private void data(String line) {
    if (!(state instanceof State.Begun begun) || begun.recipients().isEmpty()) {
      answer("503 5.5.1 No recipient was accepted; send RCPT first", state);
      return;
    }
    pass(
        line,
        "354",
        "354 End data with <CR><LF>.<CR><LF>",
        accepted -> accepted ? new State.Data(begin(begun)) : begun);
  }

  private Incoming begin(State.Begun begun) {
    end.reset();
    long limit = timeout.multipliedBy(DATA_LIMIT).toMillis();
    overdue = channel.eventLoop().schedule(this::overdue, limit, TimeUnit.MILLISECONDS);
    return spool.begin(
        new MessageEnvelope(
            context.spec().name(),
            context.address(),
            device.mailbox(),
            begun.sender(),
            begun.recipients(),
            begun.utf8()),
        "ESMTP"
            + (context.facts().hasDeviceHandshake() ? "S" : "")
            + (device.authenticated() ? "A" : ""));
  }

  /** Hands over the next piece of the data, without the bytes that end it or may begin its end. */
  private void data(Incoming incoming, ByteBuf piece) {
    int before = end.begun();
    int found = end.find(piece);
    if (found == DataEnd.AMBIGUOUS) {
      piece.release();
      throw new IllegalStateException("the guard passed an ambiguous dot");
    }
    boolean last = found != DataEnd.NONE;
    if (last) {
      dataEnded();
    }
    // If it is negative, the bytes that were held back belong to the end, or may still do so.
    int content =
        last ? found - piece.readerIndex() - END_OF_DATA : piece.readableBytes() - end.begun();
    if (last && found < piece.writerIndex()) {
      held.put(piece.retainedSlice(found, piece.writerIndex() - found));
    }
    piece.writerIndex(piece.readerIndex() + Math.max(0, content));
    boolean dot = before > 0 && content >= 0;
    add(
        incoming,
        dot ? Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(new byte[] {'.'}), piece) : piece,
        last);
  }

  /** Continues when the spool and the origin's socket have taken the bytes. */
  private void add(Incoming incoming, ByteBuf part, boolean last) {
    state = new State.Waiting(incoming, last);
    CompletableFuture<Boolean> passed = new CompletableFuture<>();
    if (origin == null) {
      passed.complete(true);
    } else {
      origin
          .channel()
          .writeAndFlush(part.retainedDuplicate())
          .addListener(done -> passed.complete(done.isSuccess()));
      passed.completeOnTimeout(false, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }
    added = incoming.add(part);
    then(
        added.thenCombine(passed, (done, all) -> all),
        all -> {
          if (!all) {
            lose("the origin does not take the message");
          }
          if (last) {
            complete(incoming);
          } else {
            resume(new State.Data(incoming));
          }
        });
  }

  /** The data of the message takes too long (RFC 5321 section 3.8). */
  private void overdue() {
    channel.reply("421 4.4.2 The message took too long; try again\r\n");
    end();
    channel.endInput();
  }

  private void dataEnded() {
    if (overdue != null) {
      var unused = overdue.cancel(false);
      overdue = null;
    }
  }

  private void complete(Incoming incoming) {
    ask(
        ".",
        "2",
        timeout.multipliedBy(2),
        theirs -> {
          incoming.discard();
          answer(theirs, IDLE);
        },
        () -> keep(incoming));
  }

  private void keep(Incoming incoming) {
    state = WAITING;
    then(
        incoming.keep(),
        result -> {
          if (result instanceof MessageSpool.Result.Kept kept) {
            answer(SmtpGuard.KEPT + kept.id(), IDLE);
          } else if (result instanceof MessageSpool.Result.Refused refused) {
            if (!refusing) {
              // The spool may have closed, or reached a limit, since the session lost its origin.
              refusing = true;
              report(context.report(), Explanation.NONE, refused.reply());
            }
            answer(refused.reply(), IDLE);
          } else {
            throw new UnhandledVariantException(result);
          }
        });
  }

  /**
   * Passes a command to the origin, or replies in its place.
   *
   * @param positive how a positive reply begins
   * @param next the state after a positive reply, or after 5xx
   */
  private void pass(String line, String positive, String ours, Function<Boolean, State> next) {
    ask(
        line,
        positive,
        timeout,
        theirs -> answer(theirs, next.apply(theirs.startsWith(positive))),
        () -> answer(ours, next.apply(true)));
  }

  /**
   * Sends a line to the origin, if it is there.
   *
   * @param answered gets the origin's reply: a positive one, or 5xx
   * @param lost called if the session has no origin, or continues without it
   */
  private void ask(
      String line, String positive, Duration limit, Consumer<String> answered, Runnable lost) {
    if (origin == null) {
      lost.run();
      return;
    }
    state = isReady() ? WAITING : state;
    Future<List<String>> asked = origin.conversation().command(line, limit);
    asked.addListener(
        done -> {
          if (!(state instanceof State.Waiting)) {
            return;
          }
          String reply = asked.isSuccess() ? String.join("\r\n", asked.getNow()) : "";
          if (reply.startsWith(positive) || reply.startsWith("5")) {
            answered.accept(reply);
          } else {
            OriginReplies.recognise(MailProtocol.SMTP, reply).ifPresent(this::recognised);
            lose(
                asked.isSuccess()
                    ? "the origin's reply is '" + MailText.printable(reply) + "'"
                    : String.valueOf(asked.cause().getMessage()));
            lost.run();
          }
        });
  }

  /** Continues without the origin. */
  private void lose(String why) {
    if (origin != null) {
      AbruptClose.close(origin.channel());
      origin = null;
      report(context.report(), Explanation.of(why), spool.closed());
    }
  }

  /**
   * Logs that the spool takes the messages of this session in place of its origin.
   *
   * @param closed why the spool refuses them; empty if it keeps them
   */
  static void report(SessionReporter to, Explanation lost, String closed) {
    String why = lost.text();
    if (closed.isEmpty()) {
      String remedy = "the proxy delivers it later; if it waits long, run 'tls-uplift doctor'";
      to.originReplaced("the proxy keeps the mail of this session", Explanation.of(why, remedy));
    } else {
      String both = why.isEmpty() ? closed : closed + "; " + why;
      String remedy = "the device must try again; run 'tls-uplift doctor'";
      to.originReplaced("the proxy refuses the mail of this session", Explanation.of(both, remedy));
    }
  }

  private void answer(String reply, State next) {
    channel.reply(reply + "\r\n");
    resume(next);
  }

  private void resume(State next) {
    state = next;
    if (!proceeding) {
      proceed();
      if (isReady()) {
        channel.resume();
      }
    }
  }

  /** Continues on the event loop, unless the session has ended. */
  private <T> void then(CompletionStage<T> stage, Consumer<T> next) {
    var unused =
        stage.whenCompleteAsync(
            (result, fault) -> {
              if (fault != null) {
                channel.pipeline().fireExceptionCaught(fault);
              } else if (state instanceof State.Waiting) {
                next.accept(result);
              }
            },
            channel.eventLoop());
  }

  /** Ends the session: keeps the message if its data is complete, and drops it otherwise. */
  void end() {
    State last = state;
    state = ENDED;
    dataEnded();
    if (last instanceof State.Data data) {
      after(data.incoming()::discard);
    } else if (last instanceof State.Waiting waiting && waiting.incoming() != null) {
      Incoming incoming = waiting.incoming();
      after(waiting.complete() ? incoming::keep : incoming::discard);
    }
    held.release();
    permit.end();
    if (origin != null) {
      AbruptClose.close(origin.channel());
      origin = null;
    }
  }

  private void after(Runnable step) {
    var unused = added.whenComplete((done, fault) -> step.run());
  }
}
