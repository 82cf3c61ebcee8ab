package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OriginReply;

/**
 * Recognises known refusals in the lines that an origin sends through a relay, and passes all bytes
 * on.
 *
 * <p>An SMTP origin sends only replies, a few lines for each message. The watch reads them to the
 * end, because Microsoft refuses senders and quotas after the message. IMAP and POP3 carry the mail
 * itself, so there the watch removes itself after 16 KiB, which is more than a sign-in needs. It
 * keeps at most 256 bytes of a line, which hold the cause in the longest known reply, and reports
 * only known refusals.
 */
public final class ReplyWatch extends ChannelInboundHandlerAdapter {
  private static final int MAX_MAILBOX_BYTES = 16 * 1024;
  private static final int MAX_HEAD = 256;

  private final MailProtocol protocol;
  private final Consumer<OriginReply> replies;
  private final Consumer<String> signIns;
  private final @Nullable MailboxSignIn signIn;
  private final byte[] head = new byte[MAX_HEAD];
  private int headLength;
  private long left;

  /**
   * Reports refusals, also repeated ones.
   *
   * @param replies receives known refusals
   * @param signIns receives the reply code of another refusal of a sign-in
   * @param signIn of the device to its mailbox, or null with SMTP
   */
  public ReplyWatch(
      MailProtocol protocol,
      Consumer<OriginReply> replies,
      Consumer<String> signIns,
      @Nullable MailboxSignIn signIn) {
    this.protocol = protocol;
    this.replies = replies;
    this.signIns = signIns;
    this.signIn = signIn;
    this.left = protocol == MailProtocol.SMTP ? Long.MAX_VALUE : MAX_MAILBOX_BYTES;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      left -= bytes.readableBytes();
      look(bytes);
    }
    ctx.fireChannelRead(message);
    if (left < 0) {
      ctx.pipeline().remove(this);
    }
  }

  private void look(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end) {
      int newline = bytes.indexOf(at, end, (byte) '\n');
      int lineEnd = newline < 0 ? end : newline;
      int kept = Math.min(lineEnd - at, MAX_HEAD - headLength);
      bytes.getBytes(at, head, headLength, kept);
      headLength += kept;
      if (newline >= 0) {
        recognise();
        headLength = 0;
      }
      at = lineEnd + 1;
    }
  }

  private void recognise() {
    // Checks the first byte, because nearly all replies are positive.
    boolean refusal = headLength > 0 && isRefusal();
    MailboxSignIn open = headLength > 0 && signIn != null && signIn.isOpen() ? signIn : null;
    if (!refusal && open == null) {
      return;
    }
    String line = new String(head, 0, headLength, StandardCharsets.ISO_8859_1).stripTrailing();
    if (open != null) {
      open.replied(line);
    }
    if (refusal) {
      OriginReplies.recognise(protocol, line)
          .ifPresentOrElse(
              replies, () -> OriginReplies.refusedSignIn(protocol, line).ifPresent(signIns));
    }
  }

  private boolean isRefusal() {
    return switch (protocol) {
      case SMTP -> head[0] == '4' || head[0] == '5';
      case POP3 -> head[0] == '-';
      case IMAP -> head[0] != '+';
    };
  }
}
