package org.tlsuplift.proxy.relay;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.outcome.CloseReason;

/**
 * Joins two ready channels of one event loop until both directions have ended.
 *
 * <p>The ends of both directions are carried across. A FIN becomes a FIN after all bytes before it,
 * and the other direction stays open. A close_notify becomes a close_notify and a FIN. If the TLS
 * handler can still send, the other direction stays open while bytes move. If the TLS handler has
 * replied to the close_notify, as RFC 5246 section 7.2.1 requires, both directions end. If a peer
 * still sends after that, the relay reads for at most 2 s and 256 KiB, so that no reset destroys
 * bytes that the peer has not read yet.
 *
 * <p>A plain HTTP response that lacks its end gets no FIN: see {@link ResponseEnd}.
 */
public final class Relay {
  /**
   * How a relay ended. All bytes that could be delivered are delivered.
   *
   * @param cause the error that broke the connection, or null if there was none
   */
  public record End(CloseReason reason, @Nullable Throwable cause) {}

  /** The name of a channel's last handler while it relays. */
  public static final String HANDLER = "relay";

  /**
   * The read sizes of relayed channels: at most {@value ReadSizes#MAX_BYTES} bytes. For a slow peer
   * a session holds Netty's high water mark of 64 KiB, one read above it, and the incomplete TLS
   * record of the last read: 128 KiB. While memory is scarce it holds one read: at most 64 KiB.
   */
  public static final RecvByteBufAllocator READS = new ReadSizes(Relay::isHalfOfMemoryTaken);

  private static final Duration LINGER = Duration.ofSeconds(2);

  /** The bytes that both sides together may send and that are discarded before the close. */
  private static final int LINGER_BYTES = 256 << 10;

  /** The longest pause of a side after a close_notify of its peer. Most of these peers are gone. */
  private static final Duration PAUSE = Duration.ofSeconds(30);

  private final RelaySide device;
  private final RelaySide origin;
  private final Promise<End> end;
  private final BooleanSupplier memoryScarce;
  private final QuickAck ack;
  private @Nullable CloseReason reason;
  private @Nullable Throwable cause;
  private @Nullable Future<?> pause;
  private boolean lingering;
  private long discarded;

  private Relay(Channel device, Channel origin, BooleanSupplier memoryScarce, QuickAck ack) {
    this.device =
        new RelaySide(device, Direction.UP, CloseReason.DEVICE_CLOSED, CloseReason.DEVICE_RESET);
    this.origin =
        new RelaySide(origin, Direction.DOWN, CloseReason.ORIGIN_CLOSED, CloseReason.ORIGIN_RESET);
    this.end = device.eventLoop().newPromise();
    this.memoryScarce = memoryScarce;
    this.ack = ack;
  }

  /**
   * Adds the relay to the end of both pipelines. Nothing is read before {@link #start}. Call on the
   * channels' event loop.
   */
  public static Relay join(Channel device, Channel origin, SessionObserver observer) {
    return join(device, origin, observer, Relay::isHalfOfMemoryTaken, QuickAck.of(device));
  }

  /**
   * Joins with another check of the memory.
   *
   * @param memoryScarce called before each write
   * @param ack of the device
   */
  static Relay join(
      Channel device,
      Channel origin,
      SessionObserver observer,
      BooleanSupplier memoryScarce,
      QuickAck ack) {
    if (device.eventLoop() != origin.eventLoop()) {
      throw new IllegalArgumentException("both channels of a session must be on one event loop");
    }
    Relay relay = new Relay(device, origin, memoryScarce, ack);
    device
        .pipeline()
        .addLast(HANDLER, new RelayHandler(relay, relay.device, relay.origin, observer, ack));
    origin
        .pipeline()
        .addLast(HANDLER, new RelayHandler(relay, relay.origin, relay.device, observer, ack));
    return relay;
  }

  /** Starts reading on each side whose peer is writable. */
  public void start() {
    device.channel.config().setAutoRead(origin.channel.isWritable());
    origin.channel.config().setAutoRead(device.channel.isWritable());
    ack.started();
    endIfAnswered(origin, device);
  }

  /** Completed on the event loop when the relay has ended. The receiver closes both channels. */
  public Future<End> end() {
    return end;
  }

  /** The payload bytes that were relayed in this direction. */
  public long bytes(Direction direction) {
    return direction == Direction.UP ? device.bytes : origin.bytes;
  }

  /**
   * Whether a session may read only as much as its peer accepts at once. New sessions are refused
   * at three quarters of the memory. This limit is lower, because all open sessions may become slow
   * at the same time.
   */
  boolean isMemoryScarce() {
    return memoryScarce.getAsBoolean();
  }

  /**
   * Reads only two fields, because each read of a session calls this method.
   *
   * <p>To report: "Netty has no public method for the direct memory that it may use." Delete the
   * imports of PlatformDependent when it has.
   */
  private static boolean isHalfOfMemoryTaken() {
    return PlatformDependent.usedDirectMemory() > PlatformDependent.maxDirectMemory() / 2;
  }

  void finReceived(RelaySide self, RelaySide peer) {
    if (self.inputEnded) {
      return;
    }
    firstReason(self.closed, null);
    self.inputEnded = true;
    if (peer.response != null) {
      peer.response.streamEnded();
    }
    endOutput(peer, false);
  }

  /**
   * Ends the relay after a complete plain HTTP response, which says "Connection: close" (RFC 9112
   * section 9.6). The origin may keep its connection open.
   */
  void endIfAnswered(RelaySide self, RelaySide peer) {
    if (peer.response != null && peer.response.isComplete()) {
      finReceived(self, peer);
    }
  }

  void closeNotifyReceived(RelaySide self, RelaySide peer) {
    if (self.outputEnding && self.inputEnded) {
      return;
    }
    firstReason(self.closed, null);
    self.inputEnded = true;
    if (self.isTlsOutputDone()) {
      self.outputEnding = true;
      self.outputEnded = true;
      // After the reply to the close_notify.
      self.channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> self.closeAtEnd());
    } else if (pause == null && !end.isDone()) {
      endWhenIdle(peer, peer.bytes);
    }
    endOutput(peer, true);
  }

  void broken(RelaySide self, RelaySide peer, @Nullable Throwable cause) {
    firstReason(self.reset, cause);
    self.inputEnded = true;
    self.outputEnding = true;
    self.outputEnded = true;
    endOutput(peer, false);
  }

  /** No memory is left for buffers, so nothing can be delivered. */
  void overloaded(Throwable why) {
    firstReason(CloseReason.OVERLOADED, why);
    finish();
  }

  /** Marks the output to the peer as ended. The peer may still send. */
  void inputDone(RelaySide peer) {
    peer.outputEnding = true;
    peer.outputEnded = true;
  }

  /**
   * A side sent bytes that were discarded. What an origin sends after its complete response closes
   * its connection, because nobody reads it.
   */
  void discarded(RelaySide self, int bytes) {
    if (self == origin && device.response != null) {
      var unused = origin.channel.close();
    } else if (lingering) {
      discarded += bytes;
      if (discarded > LINGER_BYTES) {
        finish();
      }
    }
  }

  void idle() {
    firstReason(CloseReason.IDLE_TIMEOUT, null);
    finish();
  }

  private void firstReason(CloseReason first, @Nullable Throwable why) {
    if (reason == null) {
      reason = first;
      cause = why;
    }
  }

  /** Ends the output to a side after all earlier writes. */
  private void endOutput(RelaySide side, boolean closeNotify) {
    if (!side.outputEnding) {
      side.outputEnding = true;
      side.channel.flush();
      ChannelFuture delivered =
          closeNotify && side.tls != null
              ? side.tls.closeOutbound()
              : side.channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
      delivered.addListener((ChannelFutureListener) done -> outputDelivered(side, done));
    }
    endIfOver();
  }

  private void outputDelivered(RelaySide side, ChannelFuture delivered) {
    if (side.isCut()) {
      // Without a FIN: the close resets the connection.
      finish();
    } else if (delivered.isSuccess()
        && !isLastOutput(side)
        && !side.sendFin()
        && side.channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput().addListener(done -> outputEnded(side));
    } else {
      outputEnded(side);
    }
  }

  /** Whether nothing follows this output, so that the close of the channel ends it. */
  private boolean isLastOutput(RelaySide side) {
    RelaySide other = side == device ? origin : device;
    return other.outputEnded && isSilent(device) && isSilent(origin);
  }

  private void outputEnded(RelaySide side) {
    side.outputEnded = true;
    side.closeAtEnd();
    endIfOver();
  }

  private void endIfOver() {
    if (!device.outputEnded || !origin.outputEnded) {
      return;
    }
    if (isSilent(device) && isSilent(origin)) {
      finish();
    } else if (!lingering) {
      lingering = true;
      device.channel.config().setAutoRead(true);
      origin.channel.config().setAutoRead(true);
      var unused =
          device
              .channel
              .eventLoop()
              .schedule(this::finish, LINGER.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Ends the relay if this side sends nothing for {@link #PAUSE} after a close_notify. */
  private void endWhenIdle(RelaySide side, long before) {
    pause =
        side.channel
            .eventLoop()
            .schedule(
                () -> {
                  if (side.bytes == before) {
                    finish();
                  } else {
                    endWhenIdle(side, side.bytes);
                  }
                },
                PAUSE.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  private static boolean isSilent(RelaySide side) {
    return side.inputEnded || !side.channel.isActive();
  }

  private void finish() {
    if (pause != null) {
      pause.cancel(false);
    }
    end.trySuccess(new End(reason == null ? CloseReason.INTERNAL_ERROR : reason, cause));
  }
}
