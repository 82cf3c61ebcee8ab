package org.tlsuplift.proxy.mail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one direction that cannot pass yet, in a buffer that this object owns. For one event
 * loop.
 */
public final class KeptBytes {
  private @Nullable ByteBuf bytes;

  /** Keeps more bytes, and returns all kept bytes. */
  public ByteBuf add(ByteBufAllocator allocator, ByteBuf more) {
    ByteBuf before = bytes;
    ByteBuf all =
        before == null
            ? more
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, before, more);
    bytes = all;
    return all;
  }

  public void put(ByteBuf rest) {
    bytes = rest;
  }

  public @Nullable ByteBuf look() {
    return bytes;
  }

  /** Returns the buffer and transfers its ownership to the caller. */
  public @Nullable ByteBuf take() {
    ByteBuf all = bytes;
    bytes = null;
    return all;
  }

  public boolean isEmpty() {
    return bytes == null;
  }

  public int size() {
    return bytes == null ? 0 : bytes.readableBytes();
  }

  /** Releases a buffer that has been read to its end. */
  public void trim() {
    if (bytes != null && !bytes.isReadable()) {
      release();
    }
  }

  public void release() {
    ReferenceCountUtil.release(take());
  }
}
