package org.tlsuplift.proxy.mail.guard;

import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.mail.MailPolicy;

/**
 * Rewrites the origin's replies to EHLO in one session, and remembers what the latest one offers.
 */
final class CapabilityFilter {
  private static final String SIZE = "SIZE";

  private final Set<String> hidden;
  private final MailPolicy policy;
  private int awaited;
  private boolean chunking;
  private boolean addedSize;

  /** In bytes; 0 if the origin has not named a limit. */
  private long originSize;

  private boolean known;

  /**
   * Creates the filter of one session.
   *
   * @param signedIn whether this proxy has signed the device in
   */
  CapabilityFilter(MailPolicy policy, boolean signedIn) {
    this.policy = policy;
    hidden =
        signedIn
            ? GuardedCapabilities.HIDDEN_AFTER_SIGN_IN
            : policy.keepsData()
                ? GuardedCapabilities.HIDDEN
                : GuardedCapabilities.HIDDEN_WITHOUT_CHUNKS;
  }

  /** The origin sent this list before the session's first EHLO. */
  void known(List<String> capabilities) {
    originSize = GuardedCapabilities.size(capabilities);
    known = !capabilities.isEmpty();
  }

  /** Whether the list came before the session: then another server may take the messages. */
  boolean isKnown() {
    return known;
  }

  /** An EHLO or HELO was passed on. */
  void expect() {
    awaited++;
  }

  /** Whether a reply to EHLO or HELO is outstanding. */
  boolean isAwaited() {
    return awaited > 0;
  }

  /** Whether the device has seen CHUNKING, so that the origin understands BDAT. */
  boolean offersChunking() {
    return chunking;
  }

  /** Whether only the device has seen a SIZE, so that the origin may refuse MAIL with it. */
  boolean hasAddedSize() {
    return addedSize;
  }

  /** The largest message that the origin accepts (RFC 1870), in bytes; 0 for none. */
  long originSize() {
    return originSize;
  }

  /**
   * Appends the reply for the device.
   *
   * @param lines the origin's reply, with line ends; at least one
   */
  void rewrite(List<String> lines, StringBuilder out) {
    awaited = Math.max(0, awaited - 1);
    boolean accepted = lines.get(lines.size() - 1).startsWith("2");
    // The first line has the origin's name.
    lines.subList(1, lines.size()).removeIf(this::isHidden);
    boolean sized = false;
    long size = 0;
    boolean chunks = false;
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i);
      if (isCapability(line)) {
        String keyword = keyword(line);
        chunks |= keyword.equals("CHUNKING");
        if (keyword.equals(SIZE)) {
          sized = true;
          int start = start(line);
          size = GuardedCapabilities.bytes(line.substring(start));
          lines.set(i, line.substring(0, start) + limited(line.substring(start)));
        }
      }
    }
    // What the origin offered before holds after a refusal (RFC 5321 section 4.1.4).
    if (accepted) {
      chunking = chunks;
      originSize = size;
      addedSize = !sized && policy.maximumSize() > 0 && lines.size() > 1;
      if (addedSize) {
        lines.add("250 " + SIZE + " " + policy.maximumSize() + "\r\n");
      }
    }
    int last = lines.size() - 1;
    for (int i = 0; i <= last; i++) {
      out.append(marked(lines.get(i), i == last ? ' ' : '-'));
    }
  }

  private String limited(String capability) {
    String text = capability.stripTrailing();
    return GuardedCapabilities.size(text, policy) + capability.substring(text.length());
  }

  /** A reply line with the given mark. A line may end after its code (RFC 5321 section 4.2). */
  private static String marked(String line, char mark) {
    return line.length() < 4 ? line : line.substring(0, 3) + mark + line.substring(start(line));
  }

  /** Where the text of a line begins. Some origins leave out the mark after the code. */
  private static int start(String line) {
    return line.charAt(3) == '-' || line.charAt(3) == ' ' ? 4 : 3;
  }

  private boolean isHidden(String line) {
    return isCapability(line) && hidden.contains(keyword(line));
  }

  private static boolean isCapability(String line) {
    return line.length() > 4 && line.startsWith("2");
  }

  private static String keyword(String line) {
    return GuardedCapabilities.keyword(line.substring(start(line)));
  }
}
