package org.tlsuplift.proxy.guard;

import io.netty.handler.codec.TooLongFrameException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells which command each reply of the origin belongs to, and rewrites its capabilities. */
final class OriginReplies {
  private static final int MAX_CAPABILITIES = 100;

  /** What is ours to offer or not: sign-in and TLS; and what the guard does not pass on. */
  private static final Set<String> HIDDEN =
      Set.of("STARTTLS", "AUTH", "CHUNKING", "BINARYMIME", "BURL", "XCLIENT", "XFORWARD", "ETRN");

  private final Deque<Expected> expected = new ArrayDeque<>();
  private final List<String> capabilities = new ArrayList<>();

  void expect(Expected reply) {
    expected.add(reply);
  }

  int outstanding() {
    return expected.size();
  }

  /**
   * Takes the next line of the origin.
   *
   * @param line with its end
   * @param out to where what the device gets to see is appended
   * @return what has been answered by this line, or null if it is not the last of its reply or
   *     answers nothing
   */
  @Nullable Expected take(String line, StringBuilder out) {
    boolean last = line.length() < 4 || line.charAt(3) != '-';
    if (expected.peek() != Expected.CAPABILITIES) {
      out.append(line);
      return last ? expected.poll() : null;
    }
    if (capabilities.size() == MAX_CAPABILITIES) {
      throw new TooLongFrameException("more than " + MAX_CAPABILITIES + " capabilities");
    }
    capabilities.add(line);
    if (!last) {
      return null;
    }
    rewrite(out);
    capabilities.clear();
    return expected.poll();
  }

  private void rewrite(StringBuilder out) {
    List<String> shown = new ArrayList<>();
    for (String line : capabilities) {
      // The first line is the origin's name, whatever that may be.
      if (shown.isEmpty() || !isHidden(line)) {
        shown.add(line);
      }
    }
    for (int i = 0; i < shown.size(); i++) {
      String line = shown.get(i);
      boolean last = i == shown.size() - 1;
      out.append(
          line.length() < 4 ? line : line.substring(0, 3) + (last ? ' ' : '-') + line.substring(4));
    }
  }

  private static boolean isHidden(String line) {
    String keyword = line.length() < 4 ? "" : line.substring(4).split("[ =\r\n]", 2)[0];
    return line.startsWith("2") && HIDDEN.contains(keyword.toUpperCase(Locale.ROOT));
  }
}
