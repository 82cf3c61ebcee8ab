package org.tlsuplift.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/**
 * Sends the bytes of a fuzz test in one piece, byte by byte and split at random. The result must be
 * the same each time.
 */
public final class Fuzzed {
  /** Longer inputs are not sent byte by byte, because that takes too long. */
  private static final int MAX_SINGLE_BYTES = 2048;

  private static final int LINE = 400;

  private Fuzzed() {}

  /**
   * The result of handling some bytes.
   *
   * @param passed the bytes that the next handler got, as hex digits
   * @param answered the bytes that the sender got back, as hex digits
   * @param events the reports in order
   */
  public record Outcome(String passed, String answered, List<Object> events) {}

  /** Adds the handlers under test. The consumer gets the reports of their callbacks. */
  @FunctionalInterface
  public interface Subject {
    void addTo(ChannelPipeline pipeline, Consumer<Object> reports);
  }

  /** Runs a test once for each split of the bytes, and asserts that the results are equal. */
  public static <T> T inEachSplit(byte[] bytes, Function<List<byte[]>, T> test) {
    T whole = test.apply(List.of(bytes));
    SplittableRandom random = new SplittableRandom(Arrays.hashCode(bytes));
    int least = bytes.length > MAX_SINGLE_BYTES ? 64 : 1;
    List<IntUnaryOperator> sizes =
        List.of(left -> least, left -> least + random.nextInt(8), left -> 1 + random.nextInt(left));
    for (IntUnaryOperator size : sizes) {
      List<byte[]> pieces = cut(bytes, size);
      assertThat(test.apply(pieces)).as("cut into %s pieces", pieces.size()).isEqualTo(whole);
    }
    return whole;
  }

  /**
   * Sends the bytes through handlers, split in several ways. No exception may reach the end of the
   * pipeline, each buffer must be released at the end, and the memory in use is limited.
   *
   * @param maxHeld the bytes that the handlers may allocate while they wait for more
   */
  public static Outcome send(byte[] bytes, int maxHeld, Subject subject) {
    return inEachSplit(bytes, pieces -> sendPieces(pieces, maxHeld, subject));
  }

  /**
   * Sends bytes to handlers that decide only when the announced length has arrived. With split
   * bytes they may still wait at the end, although they have decided about the whole.
   */
  public static Outcome sendPatiently(byte[] bytes, int maxHeld, Subject subject) {
    Outcome whole = sendPieces(List.of(bytes), maxHeld, subject);
    return inEachSplit(
        bytes,
        pieces -> {
          Outcome outcome = sendPieces(pieces, maxHeld, subject);
          return outcome.events().isEmpty() ? whole : outcome;
        });
  }

  /** Sends bytes in these pieces. */
  public static Outcome sendPieces(List<byte[]> pieces, int maxHeld, Subject subject) {
    Memory memory = new Memory(maxHeld);
    List<Object> events = new ArrayList<>();
    StringBuilder passed = new StringBuilder();
    StringBuilder answered = new StringBuilder();
    EmbeddedChannel channel = new EmbeddedChannel(false, false);
    memory.measure(channel);
    subject.addTo(channel.pipeline(), events::add);
    channel.pipeline().addLast(new Events(events));
    try {
      channel.register();
      for (byte[] piece : pieces) {
        if (!channel.isOpen()) {
          break;
        }
        channel.writeInbound(bytes(channel, piece));
        channel.runPendingTasks();
        drain(channel, passed, answered);
        memory.assertBounded();
      }
      channel.finish();
      drain(channel, passed, answered);
    } catch (Exception thrown) {
      throw new AssertionError("no exception may reach the end of the pipeline", thrown);
    } finally {
      channel.finishAndReleaseAll();
    }
    memory.assertReleased();
    return new Outcome(passed.toString(), answered.toString(), events);
  }

  /** Asserts that a text fits into a log: one line of limited length, in printable ASCII. */
  public static void assertOneLine(String text) {
    assertThat(text).hasSizeBetween(1, LINE).matches("[ -~]*");
  }

  /** The bytes in the form of an {@link Outcome}. */
  public static String digits(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** The bytes in a buffer of the channel's allocator. */
  public static ByteBuf bytes(Channel channel, byte[] bytes) {
    return channel.alloc().buffer(Math.max(1, bytes.length)).writeBytes(bytes);
  }

  /** The memory that a channel uses: always limited, and none at the end. */
  public static final class Memory {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    private final int maxHeld;

    /**
     * Starts with no memory in use.
     *
     * @param maxHeld the bytes that may be in use while more input is expected
     */
    public Memory(int maxHeld) {
      this.maxHeld = maxHeld;
    }

    /** Counts the allocations of the channel's handlers from now on. */
    public void measure(Channel channel) {
      channel.config().setAllocator(allocator);
    }

    /** The bytes that passed all handlers must have been read before. */
    public void assertBounded() {
      assertThat(inUse()).as("bytes in use").isLessThanOrEqualTo(maxHeld);
    }

    /** The channel must have been closed before. */
    public void assertReleased() {
      assertThat(inUse()).as("bytes that leak").isZero();
    }

    private long inUse() {
      return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    }
  }

  private static List<byte[]> cut(byte[] bytes, IntUnaryOperator size) {
    List<byte[]> pieces = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += pieces.get(pieces.size() - 1).length) {
      int left = bytes.length - at;
      pieces.add(Arrays.copyOfRange(bytes, at, at + Math.min(left, size.applyAsInt(left))));
    }
    return pieces;
  }

  private static void drain(EmbeddedChannel channel, StringBuilder passed, StringBuilder answered) {
    for (Object part = channel.readInbound(); part != null; part = channel.readInbound()) {
      append((ByteBuf) part, passed);
    }
    for (Object part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      append((ByteBuf) part, answered);
    }
  }

  private static void append(ByteBuf part, StringBuilder digits) {
    digits.append(ByteBufUtil.hexDump(part));
    part.release();
  }

  /** The last handler before the end of the pipeline. */
  private static final class Events extends ChannelInboundHandlerAdapter {
    private final List<Object> events;

    Events(List<Object> events) {
      this.events = events;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      events.add(event);
    }
  }
}
