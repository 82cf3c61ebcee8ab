package org.tlsuplift.proxy.mail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;

/**
 * The data of a message after its header was rewritten.
 *
 * @param text all bytes that passed, each as a character
 * @param accepted whether the header was small enough
 */
record RewrittenData(String text, boolean accepted) {
  static final RewriteFrom KEEP =
      new RewriteFrom("scanner@contoso.example", null, RewriteFrom.ReplyTo.NONE);

  /** Rewrites data that ends with its dot, in one piece. */
  static String of(RewriteFrom to, String data) {
    return of(to, "old@printer.example", data, List.of()).text();
  }

  /**
   * Rewrites data.
   *
   * @param envelopeSender the sender in MAIL
   * @param cuts the sizes of the first pieces; the rest is one more
   */
  static RewrittenData of(RewriteFrom to, String envelopeSender, String data, List<Integer> cuts) {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    HeaderBlock header = new HeaderBlock(to);
    StringBuilder passed = new StringBuilder();
    boolean accepted = true;
    int at = 0;
    for (int i = 0; at < data.length() && accepted; i++) {
      int end = i < cuts.size() ? Math.min(data.length(), at + cuts.get(i)) : data.length();
      ByteBuf piece = allocator.buffer();
      piece.writeCharSequence("##" + data.substring(at, end), ISO_8859_1);
      piece.skipBytes(2);
      if (header.isPassed()) {
        append(passed, piece);
      } else {
        accepted =
            header.add(
                allocator,
                piece,
                end == data.length(),
                envelopeSender,
                part -> append(passed, part));
      }
      at = end;
    }
    header.release();
    if (allocator.metric().usedHeapMemory() != 0) {
      throw new AssertionError("bytes leak");
    }
    return new RewrittenData(passed.toString(), accepted);
  }

  private static void append(StringBuilder passed, ByteBuf part) {
    passed.append(part.toString(ISO_8859_1));
    part.release();
  }
}
