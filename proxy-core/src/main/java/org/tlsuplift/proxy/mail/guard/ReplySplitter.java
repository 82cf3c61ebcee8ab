package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.TooLongFrameException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.tlsuplift.proxy.mail.MailLines;
import org.tlsuplift.proxy.mail.MailText;
import org.tlsuplift.proxy.mail.guard.Command.Expected;

/** Assigns each reply of the origin to its command, and rewrites its capabilities. */
final class ReplySplitter {
  private static final int MAX_CAPABILITIES = 100;

  /** The most commands without a reply. RFC 2920 leaves this limit to the TCP window. */
  private static final int MAX_OUTSTANDING = 128;

  private final Deque<Expected> expected = new ArrayDeque<>();
  private final List<String> capabilities = new ArrayList<>();
  private final KeptBytes beginning = new KeptBytes();
  private final MailLines lines = new MailLines(Command.MAX_LENGTH);
  private final Consumer<Boolean> dataAnswered;

  /**
   * Creates the splitter of one session.
   *
   * @param dataAnswered receives for each DATA whether the message may follow
   */
  ReplySplitter(Consumer<Boolean> dataAnswered) {
    this.dataAnswered = dataAnswered;
  }

  void expect(Expected reply) {
    expected.add(reply);
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
    Expected answered = expected.peek();
    if (answered == Expected.CAPABILITIES) {
      if (capabilities.size() == MAX_CAPABILITIES) {
        throw new TooLongFrameException("more than " + MAX_CAPABILITIES + " capabilities");
      }
      capabilities.add(line);
    } else {
      out.append(line);
    }
    boolean last = line.length() < 4 || line.charAt(3) != '-';
    if (!last || answered == null) {
      return;
    }
    expected.remove();
    switch (answered) {
      case CAPABILITIES -> {
        rewrite(out);
        capabilities.clear();
      }
      case GO_AHEAD -> dataAnswered.accept(line.startsWith("354"));
      case REPLY -> {}
    }
  }

  void release() {
    beginning.release();
  }

  private void rewrite(StringBuilder out) {
    // The first line has the origin's name.
    capabilities.subList(1, capabilities.size()).removeIf(ReplySplitter::isHidden);
    int last = capabilities.size() - 1;
    for (int i = 0; i <= last; i++) {
      out.append(marked(capabilities.get(i), i == last ? ' ' : '-'));
    }
  }

  /** A reply line with the given mark. A line may end after its code (RFC 5321 section 4.2). */
  private static String marked(String line, char mark) {
    if (line.length() < 4) {
      return line;
    }
    boolean hasMark = line.charAt(3) == '-' || line.charAt(3) == ' ';
    return line.substring(0, 3) + mark + line.substring(hasMark ? 4 : 3);
  }

  private static boolean isHidden(String line) {
    String keyword = line.substring(Math.min(4, line.length())).split("[ =\r\n]", 2)[0];
    return line.startsWith("2")
        && HiddenCapabilities.SIGNED_IN.contains(keyword.toUpperCase(Locale.ROOT));
  }
}
