package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * Finds the sign-in of a device to its mailbox, by IMAP or POP3, in the lines that it sends through
 * a relay, and passes all bytes on. {@link ReplyWatch} shows it the origin's lines.
 *
 * <p>It keeps only the tag and the command of a line (RFC 9051 section 6.2, RFC 1939 section 7, RFC
 * 5034), never an argument. It removes itself after an accepted sign-in, or after 16 KiB.
 */
public final class MailboxSignIn extends ChannelInboundHandlerAdapter {
  private static final int MAX_BYTES = 16 * 1024;
  private static final int MAX_KEPT = 64;
  private static final Set<String> IMAP = Set.of("LOGIN", "AUTHENTICATE");
  private static final Set<String> POP3 = Set.of("PASS", "APOP", "AUTH");

  private final boolean imap;
  private final Runnable accepted;
  private final byte[] kept = new byte[MAX_KEPT];
  private int length;
  private boolean argument;
  private int left = MAX_BYTES;
  private boolean done;
  private String positive = "";

  /**
   * Watches one session.
   *
   * @param accepted called once, when the origin accepts a sign-in
   */
  public MailboxSignIn(MailProtocol protocol, Runnable accepted) {
    this.imap = protocol == MailProtocol.IMAP;
    this.accepted = accepted;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      left -= bytes.readableBytes();
      bytes.forEachByte(this::take);
    }
    ctx.fireChannelRead(message);
    if (done || left < 0) {
      ctx.pipeline().remove(this);
    }
  }

  private boolean take(byte value) {
    boolean end = value == '\n';
    if (!argument && (end || (value == ' ' && (!imap || indexOfSpace() >= 0)))) {
      look(!end);
      argument = true;
    }
    if (end) {
      length = 0;
      argument = false;
    } else if (!argument && length < MAX_KEPT) {
      kept[length++] = value;
    }
    return true;
  }

  private int indexOfSpace() {
    for (int i = 0; i < length; i++) {
      if (kept[i] == ' ') {
        return i;
      }
    }
    return -1;
  }

  private void look(boolean hasArgument) {
    int space = imap ? indexOfSpace() : -1;
    String line = new String(kept, 0, length, StandardCharsets.ISO_8859_1);
    String command = line.substring(space + 1).strip().toUpperCase(Locale.ROOT);
    if (imap && space > 0 && IMAP.contains(command)) {
      positive = line.substring(0, space) + " OK";
    } else if (!imap && hasArgument && POP3.contains(command)) {
      positive = "+OK";
    }
    // A line of a SASL dialogue has no command, and may be a secret.
    Arrays.fill(kept, 0, length, (byte) 0);
  }

  /** Whether a sign-in waits for the origin's reply. */
  boolean isOpen() {
    return !positive.isEmpty();
  }

  /** Takes a line of the origin into account. */
  void replied(String line) {
    if (!isOpen()) {
      return;
    }
    boolean tagged = line.startsWith(imap ? positive.substring(0, positive.length() - 2) : "-ERR");
    if (line.regionMatches(true, 0, positive, 0, positive.length())) {
      done = true;
      positive = "";
      accepted.run();
    } else if (tagged) {
      positive = "";
    }
  }
}
