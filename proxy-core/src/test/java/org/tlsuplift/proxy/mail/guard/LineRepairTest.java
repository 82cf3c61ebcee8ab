package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.KeptBytes;

/** Line ends that become CRLF, and the end of the data between them. */
class LineRepairTest {
  /**
   * What came of some data.
   *
   * @param end as {@link LineRepair#take} returns it, or 1 for an end
   * @param passed the bytes for the origin
   * @param rest the bytes after the end
   */
  private record Result(int end, String passed, String rest, long repaired) {}

  private static Result repair(String data, List<Integer> cuts) {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    LineRepair repair = new LineRepair();
    StringBuilder passed = new StringBuilder();
    StringBuilder rest = new StringBuilder();
    int found = DataEnd.NONE;
    int at = 0;
    for (int i = 0; at < data.length() && found == DataEnd.NONE; i++) {
      int to = i < cuts.size() ? Math.min(data.length(), at + cuts.get(i)) : data.length();
      ByteBuf piece = allocator.buffer();
      piece.writeCharSequence("##" + data.substring(at, to), StandardCharsets.ISO_8859_1);
      KeptBytes after = new KeptBytes();
      KeptBytes out = new KeptBytes();
      found = repair.take(allocator, piece.skipBytes(2), after, out);
      passed.append(drain(out));
      rest.append(drain(after));
      at = to;
    }
    repair.release();
    assertThat(allocator.metric().usedHeapMemory()).as("bytes that leak").isZero();
    return new Result(
        Math.min(found, 1), passed.toString(), rest + data.substring(at), repair.repaired());
  }

  private static String drain(KeptBytes bytes) {
    ByteBuf all = bytes.take();
    if (all == null) {
      return "";
    }
    String text = all.toString(StandardCharsets.ISO_8859_1);
    all.release();
    return text;
  }

  @ParameterizedTest
  @CsvSource({
    "'a\r\n.\r\nQUIT\r\n','a\r\n.\r\n',0",
    "'.\r\n','.\r\n',0",
    "'a\nb\r\n.\r\n','a\r\nb\r\n.\r\n',1",
    "'a\rb\r\n.\r\n','a\r\nb\r\n.\r\n',1",
    "'a\n\nb\r\n.\r\n','a\r\n\r\nb\r\n.\r\n',2",
    "'a\r\r\nb\r\n.\r\n','a\r\nb\r\n.\r\n',1",
    "'a\r\rb\r\n.\r\n','a\r\n\r\nb\r\n.\r\n',2",
    "'a\n.b\r\n.\r\n','a\r\n..b\r\n.\r\n',1",
    "'a\n..b\r\n.\r\n','a\r\n..b\r\n.\r\n',1",
    "'a\n..\nb\r\n.\r\n','a\r\n..\r\nb\r\n.\r\n',2",
    "'a\r\n..b\r\n.\r\n','a\r\n..b\r\n.\r\n',0",
    "'a\r\n.b\r\n.\r\n','a\r\n.b\r\n.\r\n',0",
    "'a\n.\nb\r\n.\r\n','a\r\n..\r\nb\r\n.\r\n',2",
    "'a\n.\r\nb\r\n.\r\n','a\r\n..\r\nb\r\n.\r\n',1",
    "'a\r\n.\nb\r\n.\r\n','a\r\n..\r\nb\r\n.\r\n',1",
    "'a\r\n.\rb\r\n.\r\n','a\r\n..\r\nb\r\n.\r\n',1",
    "'a\r.\rb\r\n.\r\n','a\r\n..\r\nb\r\n.\r\n',2",
    "'a\r\n.\r.\r\n.\r\n','a\r\n..\r\n..\r\n.\r\n',1"
  })
  void eachBareLineEndBecomesCrLf(String data, String passed, long repaired) {
    Result result = repair(data, List.of());
    assertThat(result.passed()).isEqualTo(passed);
    assertThat(result.end()).isEqualTo(1);
    assertThat(result.repaired()).isEqualTo(repaired);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\n\0.\r\n", "a\r\n.\0\r\n", "a\0.\0", "\n.\0"})
  void aDotBesideANulIsAmbiguous(String data) {
    assertThat(repair(data, List.of()).end()).isEqualTo(DataEnd.AMBIGUOUS);
  }

  @Test
  void unchangedDataPassesInItsOwnBuffer() {
    LineRepair repair = new LineRepair();
    ByteBuf piece =
        Unpooled.copiedBuffer("a.b\tc\r\n..\r\n".repeat(100), StandardCharsets.US_ASCII);
    KeptBytes out = new KeptBytes();
    repair.take(UnpooledByteBufAllocator.DEFAULT, piece, new KeptBytes(), out);
    assertThat(out.look()).isSameAs(piece);
    out.release();
  }

  @Property(tries = 5000)
  void resultDoesNotDependOnSegmentation(
      @ForAll("lineNoise") String data,
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 4) Integer> cuts) {
    Result whole = repair(data, List.of());
    Result split = repair(data, cuts);
    assertThat(split.end()).isEqualTo(whole.end());
    if (whole.end() != DataEnd.AMBIGUOUS) {
      assertThat(split).isEqualTo(whole);
    }
  }

  /** What passes is read in one way only, by servers that know CRLF only and by others. */
  @Property(tries = 5000)
  void outputHasNoBareLineEndAndOneEnd(@ForAll("lineNoise") String data) {
    Result result = repair(data, List.of());
    if (result.end() == DataEnd.AMBIGUOUS) {
      return;
    }
    // A CR at the end is held back.
    assertThat(result.passed().replace("\r\n", "")).doesNotContain("\r", "\n");
    int end = ("\r\n" + result.passed()).indexOf("\r\n.\r\n");
    assertThat(end).isEqualTo(result.end() == 1 ? result.passed().length() - 3 : -1);
    DataEnd search = new DataEnd();
    ByteBuf passed = Unpooled.copiedBuffer(result.passed(), StandardCharsets.ISO_8859_1);
    assertThat(search.find(passed))
        .isEqualTo(result.end() == 1 ? result.passed().length() : DataEnd.NONE);
  }

  /** The reference splits the data into lines first, and then doubles the single dots. */
  @Property(tries = 5000)
  void resultMatchesTheReferenceImplementation(@ForAll("text") String data) {
    Result result = repair(data + "\r\n.\r\n", List.of());
    String whole = "\r\n" + data + "\r\n";
    StringBuilder expected = new StringBuilder();
    int at = 2;
    boolean clean = true;
    int end = -1;
    while (at < whole.length()) {
      int stop = at;
      while (whole.charAt(stop) != '\r' && whole.charAt(stop) != '\n') {
        stop++;
      }
      String line = whole.substring(at, stop);
      int next = stop + 1;
      if (whole.charAt(stop) == '\r' && whole.charAt(next) == '\n') {
        next = stop + 2;
      }
      boolean cleanEnd = whole.substring(stop, next).equals("\r\n");
      boolean lone = line.equals(".");
      if (lone && clean && cleanEnd) {
        end = next - 2;
        expected.append(".\r\n");
        break;
      }
      boolean doubled = lone || (!clean && line.matches("\\.[^.].*"));
      expected.append(doubled ? "." : "").append(line).append("\r\n");
      clean = cleanEnd;
      at = next;
    }
    if (end < 0) {
      expected.append(".\r\n");
    }
    assertThat(result.passed()).isEqualTo(expected.toString());
    assertThat(result.rest()).isEqualTo(end < 0 ? "" : (data + "\r\n.\r\n").substring(end));
  }

  @Provide
  Arbitrary<String> lineNoise() {
    return Arbitraries.strings().withChars('\r', '\n', '.', '\0', 'a').ofMaxLength(30);
  }

  /** Without CR CR LF, which is one line end, and without NUL. */
  @Provide
  Arbitrary<String> text() {
    return Arbitraries.strings()
        .withChars('\r', '\n', '.', 'a')
        .ofMaxLength(30)
        .filter(text -> !(text + "\r\n").contains("\r\r\n"));
  }
}
