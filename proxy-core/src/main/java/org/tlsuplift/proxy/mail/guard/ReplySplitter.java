package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.TooLongFrameException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.KeptBytes;
import org.tlsuplift.proxy.mail.MailLines;
import org.tlsuplift.proxy.mail.MailText;
import org.tlsuplift.proxy.mail.guard.Command.Expected;

/** Assigns each reply of the origin to its command, and rewrites its capabilities. */
final class ReplySplitter {
  /** Receives the replies to commands. */
  @FunctionalInterface
  interface Listener {
    /**
     * The origin has replied to a command.
     *
     * @param message the command's message, or null
     * @param line the last line of the reply, with its end
     */
    void answered(Expected kind, @Nullable Transaction message, String line);
  }

  private static final int MAX_CAPABILITIES = 100;

  /** The most commands without a reply. RFC 2920 leaves this limit to the TCP window. */
  private static final int MAX_OUTSTANDING = 128;

  /**
   * Ready (RFC 5321 section 4.2.3): the only reply that comes before the device's first command.
   */
  private static final String GREETING = "220";

  private record Pending(Expected kind, @Nullable Transaction message) {}

  private final Deque<Pending> expected = new ArrayDeque<>();
  private final List<String> capabilities = new ArrayList<>();
  private final KeptBytes beginning = new KeptBytes();
  private final MailLines lines = new MailLines(CommandReader.MAX_LENGTH);
  private final CapabilityFilter filter;
  private final Listener listener;
  private boolean greetingDue;

  /**
   * Creates the splitter of one session.
   *
   * @param greeting whether the origin's greeting may still come; a device that does not wait for
   *     it has sent commands before
   */
  ReplySplitter(CapabilityFilter filter, boolean greeting, Listener listener) {
    this.filter = filter;
    this.greetingDue = greeting;
    this.listener = listener;
  }

  void expect(Expected reply) {
    expect(reply, null);
  }

  void expect(Expected reply, @Nullable Transaction message) {
    expected.add(new Pending(reply, message));
  }

  int outstanding() {
    return expected.size();
  }

  /** Whether the next command must wait for a reply. */
  boolean isFull() {
    return expected.size() >= MAX_OUTSTANDING;
  }

  /**
   * Reads bytes of the origin, and keeps an incomplete line.
   *
   * @return the complete lines for the device, with their ends; may be empty
   * @throws TooLongFrameException when a line or a list of capabilities is too long
   */
  ByteBuf take(ByteBufAllocator allocator, ByteBuf bytes) {
    ByteBuf all = beginning.add(allocator, bytes);
    StringBuilder out = new StringBuilder();
    try {
      for (String line = lines.nextWithEnd(all); line != null; line = lines.nextWithEnd(all)) {
        take(line, out);
      }
    } catch (TooLongFrameException fault) {
      beginning.release();
      throw fault;
    }
    beginning.trim();
    return MailText.encode(allocator, out.toString());
  }

  private void take(String line, StringBuilder out) {
    boolean last = line.length() < 4 || line.charAt(3) != '-';
    if (greetingDue) {
      greetingDue = !last && line.startsWith(GREETING);
      if (line.startsWith(GREETING)) {
        out.append(line);
        return;
      }
    }
    Pending answered = expected.peek();
    if (answered != null && answered.kind == Expected.CAPABILITIES) {
      if (capabilities.size() == MAX_CAPABILITIES) {
        throw new TooLongFrameException("more than " + MAX_CAPABILITIES + " capabilities");
      }
      capabilities.add(line);
    } else {
      out.append(line);
    }
    if (!last || answered == null) {
      return;
    }
    expected.remove();
    if (answered.kind == Expected.CAPABILITIES) {
      filter.rewrite(capabilities, out);
      capabilities.clear();
    }
    listener.answered(answered.kind, answered.message, line);
  }

  void release() {
    beginning.release();
  }
}
