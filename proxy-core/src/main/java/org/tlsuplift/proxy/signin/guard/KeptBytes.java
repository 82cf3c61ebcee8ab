package org.tlsuplift.proxy.signin.guard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** Bytes of one direction that cannot pass yet, in one buffer that belongs to this object. */
final class KeptBytes {
  private @Nullable ByteBuf bytes;

  /** Keeps more bytes, and returns all. */
  ByteBuf add(ByteBufAllocator allocator, ByteBuf more) {
    ByteBuf before = bytes;
    ByteBuf all =
        before == null
            ? more
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, before, more);
    bytes = all;
    return all;
  }

  void put(ByteBuf rest) {
    bytes = rest;
  }

  @Nullable ByteBuf look() {
    return bytes;
  }

  /** Hands the buffer over. */
  @Nullable ByteBuf take() {
    ByteBuf all = bytes;
    bytes = null;
    return all;
  }

  boolean isEmpty() {
    return bytes == null;
  }

  int size() {
    return bytes == null ? 0 : bytes.readableBytes();
  }

  /** Releases a buffer that has been read to its end. */
  void trim() {
    if (bytes != null && !bytes.isReadable()) {
      release();
    }
  }

  void release() {
    ReferenceCountUtil.release(take());
  }
}
