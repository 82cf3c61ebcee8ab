package org.tlsuplift.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.mail.KeptBytes;
import org.tlsuplift.proxy.mail.MailLines;
import org.tlsuplift.proxy.mail.MailText;
import org.tlsuplift.proxy.mail.MessageSpool;
import org.tlsuplift.proxy.mail.MessageSpool.Incoming;
import org.tlsuplift.proxy.mail.OriginConversation;
import org.tlsuplift.proxy.mail.OriginReplies;
import org.tlsuplift.proxy.mail.guard.DataEnd;
import org.tlsuplift.proxy.mail.guard.Envelope;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.relay.AbruptClose;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;

/**
 * The SMTP server of one session whose listener has a spool (RFC 5321). It gets what the guard of
 * the session has passed.
 *
 * <p>With a connection to the origin, each command passes there and its reply comes back, and the
 * data goes to both. If the origin replies with 4xx, is too slow or closes the connection, the
 * session goes on without it: the spool takes this message and later ones. The wait is the reply
 * timeout for each command and each piece of data, and twice that after the data. RFC 5321 section
 * 4.5.3.2.6 has 10 minutes there, because a message may arrive twice if the origin has accepted it
 * meanwhile; but devices do not wait that long.
 *
 * <p>A device that closes its connection after the data and before the reply has its message kept,
 * so it may arrive twice if the device sends it again. For one event loop. Holds at most one read
 * of the device, besides what waits in the channel.
 */
public final class SpoolSession {
  /** What the device is offered. */
  public static final List<String> CAPABILITIES =
      List.of("SIZE", "PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES");

  /**
   * The surroundings of a session.
   *
   * @param host the name of this server
   * @param account the mailbox of a device that this proxy signed in, otherwise empty
   * @param greets whether the device waits for a greeting
   * @param permits requests the origin's permit for one more message
   * @param replies receives known refusals that the device does not get
   * @param lost receives why the spool takes over from the origin, in one line
   */
  public record Plan(
      MessageSpool spool,
      String listener,
      InetAddress device,
      String account,
      String host,
      boolean greets,
      Supplier<Permit> permits,
      Duration replyTimeout,
      Consumer<OriginReply> replies,
      Consumer<String> lost) {}

  /** As many as Exchange Online accepts for a message. RFC 5321 section 4.5.3.1.8 requires 100. */
  private static final int MAX_RECIPIENTS = 500;

  /** RFC 5321 section 4.5.3.1.3 has 256 bytes. */
  private static final int MAX_ADDRESS = 320;

  /** In bytes; the guard's lines are shorter. */
  private static final int MAX_LINE = 16 * 1024;

  private static final int END_OF_DATA = 3;

  private static final Pattern PARAMETER =
      Pattern.compile("SIZE=[0-9]+|BODY=(7BIT|8BITMIME)|SMTPUTF8|AUTH=.+");

  /** The lines of the reply to EHLO after the first. */
  private static final String LIST =
      "\r\n250-" + String.join("\r\n250-", CAPABILITIES).replace("-ENH", " ENH");

  private static final State IDLE = new State.Idle();
  private static final State ENDED = new State.Ended();

  private sealed interface State {
    /** No message has begun. */
    record Idle() implements State {}

    /** MAIL was accepted, and these recipients. */
    record Begun(String sender, boolean utf8, List<String> recipients) implements State {}

    /** The data of a message follows. */
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

  private final Plan plan;
  private final SpoolChannel channel = new SpoolChannel(this);
  private final KeptBytes held = new KeptBytes();
  private final MailLines lines = new MailLines(MAX_LINE);
  private final DataEnd end = new DataEnd();
  private State state = IDLE;
  private @Nullable Origin origin;
  private @Nullable Permit permit;

  /** When the spool has taken the latest piece of data. */
  private CompletionStage<?> added = CompletableFuture.completedStage(null);

  private boolean proceeding;
  private boolean deviceEnded;

  private SpoolSession(Plan plan) {
    this.plan = plan;
  }

  /**
   * Starts a session.
   *
   * @param live the connection to the origin, on which a message may begin; null for none
   * @return the session's end of the relay
   */
  public static OriginConnection start(Plan plan, EventLoop loop, @Nullable OriginConnection live) {
    SpoolSession session = new SpoolSession(plan);
    SpoolChannel channel = session.channel;
    channel.config().setAutoRead(false);
    channel.pipeline().addLast(UpstreamInitializer.HOLD, new HoldingHandler());
    var unused = loop.register(channel);
    if (live != null && live.isUsable()) {
      session.use(live.channel());
    } else if (live != null) {
      plan.lost().accept("the origin closed the connection");
    }
    if (plan.greets()) {
      channel.reply(DeviceDialect.of(MailProtocol.SMTP).greeting(plan.host()));
    }
    return OriginConnection.of(channel, live == null ? null : live.handshake());
  }

  private void use(Channel live) {
    OriginConversation conversation =
        new OriginConversation(MailProtocol.SMTP, plan.replyTimeout(), plan.replies());
    // The end of the origin's stream ends the connection.
    live.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    live.pipeline().addLast("spool-conversation", conversation);
    live.pipeline().remove(UpstreamInitializer.HOLD);
    origin = new Origin(live, conversation);
  }

  /** Whether the session takes more bytes now. */
  boolean isReady() {
    return !(state instanceof State.Waiting);
  }

  /** Takes over bytes of the device. Only while it is ready. */
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
    if (deviceEnded && isReady() && state != ENDED) {
      drop();
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
      case "EHLO" -> reset("250-" + plan.host() + LIST);
      case "HELO" -> reset("250 " + plan.host());
      case "RSET" -> reset("250 2.0.0 OK");
      case "NOOP" -> answer("250 2.0.0 OK", state);
      case "VRFY" -> answer("252 2.1.5 Send the message to find out", state);
      case "MAIL" -> mail(line, Envelope.from(arguments));
      case "RCPT" -> recipient(line, Envelope.to(arguments));
      case "DATA" -> data(line);
      case "QUIT" -> {
        if (origin != null) {
          var unused = origin.conversation().command("QUIT", plan.replyTimeout());
        }
        answer("221 2.0.0 Bye", ENDED);
        drop();
        channel.endInput();
      }
      case "AUTH" ->
          answer("503 5.5.1 No sign-in is needed here; turn off SMTP sign-in in the device", state);
      default -> answer("502 5.5.1 This command is not supported", state);
    }
  }

  private void reset(String reply) {
    Runnable done = () -> answer(reply, IDLE);
    if (state == IDLE || origin == null) {
      done.run();
    } else {
      state = new State.Waiting(null, false);
      ask(origin, "RSET", "2", plan.replyTimeout(), theirs -> done.run(), done);
    }
  }

  private void mail(String line, @Nullable Envelope from) {
    if (state instanceof State.Begun) {
      answer("503 5.5.1 A message has begun; send RSET first", state);
      return;
    }
    if (from == null) {
      answer("501 5.5.4 Expected MAIL FROM:<address>", state);
      return;
    }
    List<String> parameters = parameters(from);
    boolean utf8 = parameters.contains("SMTPUTF8");
    String fault =
        parameters.stream().allMatch(each -> PARAMETER.matcher(each).matches())
            ? fault(from, utf8)
            : "555 5.5.4 A parameter of MAIL is not supported";
    if (fault != null) {
      answer(fault, state);
      return;
    }
    State begun = new State.Begun(from.text(), utf8, new ArrayList<>());
    Runnable pass =
        () -> pass(line, "2", "250 2.1.0 Sender OK", accepted -> accepted ? begun : IDLE);
    if (origin == null) {
      pass.run();
      return;
    }
    Permit asked = plan.permits().get();
    permit = asked;
    state = new State.Waiting(null, false);
    then(
        asked.answer(),
        answer -> {
          permit = null;
          if (answer instanceof PermitResult.Busy busy) {
            lose(busy.why());
          } else if (!(answer instanceof PermitResult.Given)) {
            throw new UnhandledVariantException(answer);
          }
          pass.run();
        });
  }

  private void recipient(String line, @Nullable Envelope to) {
    if (!(state instanceof State.Begun begun)) {
      answer("503 5.5.1 No message has begun; send MAIL first", state);
      return;
    }
    if (to == null || to.address().isEmpty()) {
      answer("501 5.5.4 Expected RCPT TO:<address>", state);
      return;
    }
    String fault =
        !parameters(to).isEmpty()
            ? "555 5.5.4 A parameter of RCPT is not supported"
            : begun.recipients().size() >= MAX_RECIPIENTS
                ? "452 4.5.3 Too many recipients"
                : fault(to, begun.utf8());
    if (fault != null) {
      answer(fault, state);
      return;
    }
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

  /** Why an address cannot be kept, as a reply; or null. */
  private static @Nullable String fault(Envelope path, boolean utf8) {
    String address = path.text();
    if (address.length() > MAX_ADDRESS || address.indexOf('\ufffd') >= 0) {
      return "501 5.1.3 The address is malformed";
    }
    return utf8 || address.chars().allMatch(c -> c < 0x80)
        ? null
        : "553 5.6.7 This address needs SMTPUTF8";
  }

  /** In capitals. */
  private static List<String> parameters(Envelope path) {
    return Pattern.compile(" +")
        .splitAsStream(path.parameters().toUpperCase(Locale.ROOT))
        .filter(each -> !each.isEmpty())
        .toList();
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
    return plan.spool()
        .begin(
            new MessageSpool.Envelope(
                plan.listener(),
                plan.device(),
                plan.account(),
                begun.sender(),
                begun.recipients(),
                begun.utf8()));
  }

  /** Hands over the next piece of the data, without the bytes that end it or may begin its end. */
  private void data(Incoming incoming, ByteBuf piece) {
    int before = end.begun();
    int found = end.find(piece);
    if (found == DataEnd.AMBIGUOUS) {
      piece.release();
      channel.pipeline().fireExceptionCaught(new IllegalStateException("the guard passed a dot"));
      return;
    }
    boolean last = found != DataEnd.NONE;
    int content =
        last ? found - piece.readerIndex() - END_OF_DATA : piece.readableBytes() - end.begun();
    if (last && found < piece.writerIndex()) {
      held.put(piece.retainedSlice(found, piece.writerIndex() - found));
    }
    // If it is negative, the bytes that were held back belong to the end, or may still do so.
    boolean dot = before > 0 && content >= 0;
    piece.writerIndex(piece.readerIndex() + Math.max(0, content));
    add(incoming, dot ? Unpooled.wrappedBuffer(dot(), piece) : piece, last);
  }

  private static ByteBuf dot() {
    return Unpooled.wrappedBuffer(new byte[] {'.'});
  }

  private void add(Incoming incoming, ByteBuf part, boolean last) {
    state = new State.Waiting(incoming, last);
    Runnable next = last ? () -> complete(incoming) : () -> resume(new State.Data(incoming));
    Origin live = origin;
    Future<?> passed =
        live == null ? null : live.channel().writeAndFlush(part.retainedDuplicate());
    CompletionStage<?> stage = incoming.add(part);
    added = stage;
    then(
        stage,
        done -> {
          if (live == null || passed == null) {
            next.run();
          } else {
            afterPassed(live, passed, next);
          }
        });
  }

  /** Continues when the origin's socket has taken the bytes, or without the origin. */
  private void afterPassed(Origin live, Future<?> passed, Runnable next) {
    Future<?> late =
        live.channel()
            .eventLoop()
            .schedule(
                () -> AbruptClose.close(live.channel()),
                plan.replyTimeout().toMillis(),
                TimeUnit.MILLISECONDS);
    passed.addListener(
        done -> {
          late.cancel(false);
          if (state instanceof State.Waiting) {
            if (!passed.isSuccess()) {
              lose("the origin does not read the message");
            }
            next.run();
          }
        });
  }

  private void complete(Incoming incoming) {
    if (origin == null) {
      keep(incoming);
    } else {
      ask(
          origin,
          ".",
          "2",
          plan.replyTimeout().multipliedBy(2),
          theirs -> {
            incoming.discard();
            answer(theirs, IDLE);
          },
          () -> keep(incoming));
    }
  }

  private void keep(Incoming incoming) {
    state = new State.Waiting(null, true);
    then(
        incoming.keep(),
        result -> {
          if (result instanceof MessageSpool.Result.Kept kept) {
            answer(MessageSpool.KEPT + kept.id(), IDLE);
          } else if (result instanceof MessageSpool.Result.Refused refused) {
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
    if (origin == null) {
      answer(ours, next.apply(true));
      return;
    }
    state = new State.Waiting(null, false);
    ask(
        origin,
        line,
        positive,
        plan.replyTimeout(),
        theirs -> answer(theirs, next.apply(theirs.startsWith(positive))),
        () -> answer(ours, next.apply(true)));
  }

  /**
   * @param answered gets the origin's reply: a positive one, or 5xx
   * @param lost called if the session goes on without the origin
   */
  private void ask(
      Origin live,
      String line,
      String positive,
      Duration timeout,
      Consumer<String> answered,
      Runnable lost) {
    Future<List<String>> asked = live.conversation().command(line, timeout);
    asked.addListener(
        done -> {
          if (!(state instanceof State.Waiting)) {
            return;
          }
          String reply = asked.isSuccess() ? String.join("\r\n", asked.getNow()) : "";
          if (reply.startsWith(positive) || reply.startsWith("5")) {
            answered.accept(reply);
            return;
          }
          if (asked.isSuccess()) {
            OriginReplies.recognise(MailProtocol.SMTP, reply).ifPresent(plan.replies());
          }
          lose(
              asked.isSuccess()
                  ? "the origin's reply is '" + MailText.printable(reply) + "'"
                  : String.valueOf(asked.cause().getMessage()));
          lost.run();
        });
  }

  /** Goes on without the origin. */
  private void lose(String why) {
    Origin live = origin;
    origin = null;
    if (live != null) {
      AbruptClose.close(live.channel());
      plan.lost().accept(why);
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
    EventLoop loop = channel.eventLoop();
    var unused =
        stage.whenComplete(
            (result, fault) -> {
              Runnable step =
                  () -> {
                    if (fault != null) {
                      channel.pipeline().fireExceptionCaught(fault);
                    } else if (state instanceof State.Waiting) {
                      next.accept(result);
                    }
                  };
              if (loop.inEventLoop()) {
                step.run();
              } else {
                loop.execute(step);
              }
            });
  }

  /** The channel is closed. */
  void closed() {
    drop();
  }

  /** Ends the session: keeps the message if its data is complete, and drops it otherwise. */
  private void drop() {
    State last = state;
    state = ENDED;
    if (last instanceof State.Data data) {
      after(data.incoming()::discard);
    } else if (last instanceof State.Waiting waiting && waiting.incoming() != null) {
      Incoming incoming = waiting.incoming();
      after(waiting.complete() ? incoming::keep : incoming::discard);
    }
    held.release();
    if (permit != null) {
      permit.end();
    }
    if (origin != null) {
      AbruptClose.close(origin.channel());
      origin = null;
    }
  }

  private void after(Runnable step) {
    var unused = added.whenComplete((done, fault) -> step.run());
  }
}
