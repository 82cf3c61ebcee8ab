package org.tlsuplift.proxy.signin.guard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/** What has come on one way and cannot go on yet, in one buffer that belongs to it. */
final class KeptBytes {
  private @Nullable ByteBuf bytes;

  /** Keeps more behind what is there, and shows all of it. */
  ByteBuf add(ByteBufAllocator allocator, ByteBuf more) {
    ByteBuf before = bytes;
    ByteBuf all =
        before == null
            ? more
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, before, more);
    bytes = all;
    return all;
  }

  /** Keeps this, where nothing is. */
  void put(ByteBuf rest) {
    bytes = rest;
  }

  /** Shows all that is kept; null when that is nothing. */
  @Nullable ByteBuf look() {
    return bytes;
  }

  /** Gives it away. */
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

  /** Forgets what has been read to its end. */
  void trim() {
    if (bytes != null && !bytes.isReadable()) {
      release();
    }
  }

  void release() {
    ByteBuf all = take();
    if (all != null) {
      all.release();
    }
  }
}
