package org.tlsuplift.proxy.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;

/**
 * Follows the content of a plain HTTP response on its way to a device, to know whether all of it
 * has been sent (RFC 9112 section 6.3).
 *
 * <p>Without TLS there is no close_notify. A device that reads until the close takes each FIN for
 * the end of the response, so the proxy resets the connection if it cuts a response.
 */
public final class ResponseEnd extends ChannelOutboundHandlerAdapter {
  /** The highest size of a chunk to which a further digit can be added. */
  private static final long MAX_SIZE = Long.MAX_VALUE >> 4;

  private static final int HEXADECIMAL = 16;

  private enum Part {
    /** All content up to the end of the stream. */
    STREAM,
    LENGTH,
    SIZE,
    EXTENSION,
    CHUNK,
    CHUNK_END,
    TRAILER,
    COMPLETE,
    /** The chunks are not valid, so their end is unknown. */
    INVALID
  }

  private Part part;

  /** The bytes that the length or the chunk still lacks. */
  private long left;

  /** Whether a line has no characters yet. */
  private boolean emptyLine = true;

  /** Whether a write awaits its flush. */
  private boolean unflushed;

  private ResponseEnd(Part part, long left) {
    this.part = part;
    this.left = left;
  }

  /**
   * Follows the content of a response.
   *
   * @param toHead whether the request was HEAD: the response has no content
   */
  public static ResponseEnd of(HttpResponse head, boolean toHead) {
    int status = head.status().code();
    if (toHead || status == 204 || status == 304) {
      return new ResponseEnd(Part.COMPLETE, 0);
    }
    if (HttpUtil.isTransferEncodingChunked(head)) {
      return new ResponseEnd(Part.SIZE, 0);
    }
    long length = HttpUtil.getContentLength(head, -1L);
    if (length < 0) {
      return new ResponseEnd(Part.STREAM, 0);
    }
    return new ResponseEnd(length == 0 ? Part.COMPLETE : Part.LENGTH, length);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf content) {
      follow(content);
    }
    unflushed = true;
    var unused = ctx.write(message, promise);
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    unflushed = false;
    ctx.flush();
  }

  /** The origin has ended the stream in an orderly way. */
  void streamEnded() {
    if (part == Part.STREAM) {
      part = Part.COMPLETE;
    }
  }

  /** Whether the device has been sent the whole response, perhaps not all of it to its socket. */
  boolean isComplete() {
    return part == Part.COMPLETE;
  }

  /** Whether the whole response is in the device's socket. */
  boolean isDelivered(Channel device) {
    ChannelOutboundBuffer unsent = device.unsafe().outboundBuffer();
    // Not the number of bytes, which still includes a write when its listeners are called.
    return isComplete() && !unflushed && (unsent == null || unsent.isEmpty());
  }

  private void follow(ByteBuf content) {
    int at = content.readerIndex();
    int end = content.writerIndex();
    while (at < end && part != Part.STREAM && part != Part.COMPLETE && part != Part.INVALID) {
      if (part == Part.LENGTH || part == Part.CHUNK) {
        long taken = Math.min(left, end - at);
        left -= taken;
        at += (int) taken;
        if (left == 0) {
          part = part == Part.LENGTH ? Part.COMPLETE : Part.CHUNK_END;
        }
      } else {
        follow(content.getByte(at));
        at++;
      }
    }
  }

  /** Follows a byte between two chunks. Accepts bare LF, as devices do. */
  private void follow(byte next) {
    if (next == '\n') {
      endLine();
    } else if (next != '\r') {
      part =
          switch (part) {
            case SIZE -> size(next);
            case CHUNK_END -> Part.INVALID;
            default -> part;
          };
      emptyLine = false;
    }
  }

  private Part size(byte next) {
    int digit = Character.digit(next, HEXADECIMAL);
    if (digit < 0) {
      return emptyLine ? Part.INVALID : Part.EXTENSION;
    }
    if (left > MAX_SIZE) {
      return Part.INVALID;
    }
    left = left << 4 | digit;
    return Part.SIZE;
  }

  private void endLine() {
    part =
        switch (part) {
          case SIZE, EXTENSION -> emptyLine ? Part.INVALID : left == 0 ? Part.TRAILER : Part.CHUNK;
          case CHUNK_END -> Part.SIZE;
          case TRAILER -> emptyLine ? Part.COMPLETE : Part.TRAILER;
          default -> part;
        };
    emptyLine = true;
  }
}
