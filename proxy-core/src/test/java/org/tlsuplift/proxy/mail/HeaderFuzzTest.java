package org.tlsuplift.proxy.mail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.testing.Fuzzed;
import org.tlsuplift.proxy.testing.MessageReaders;

/** Any bytes as the data of a message whose sender is rewritten. */
class HeaderFuzzTest {
  private static final String NEW = "scanner@contoso.example";
  private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");
  private static final Pattern SEPARATOR = Pattern.compile("^(\r\n|\r|\n)");
  private static final Pattern NAME = Pattern.compile("([!-9;-~]+)[ \t]*:.*", Pattern.DOTALL);

  /**
   * How a lenient server reads a message: every line end counts, and a dot at the start goes. Line
   * ends of fields are CRLF here.
   */
  private record Read(List<String> fields, String body) {
    static Read of(String data) {
      List<String> fields = new ArrayList<>();
      int at = 0;
      while (at < data.length()) {
        var end = LINE_END.matcher(data).region(at, data.length());
        int stop = end.find() ? end.end() : data.length();
        String line = data.substring(at, stop);
        String unstuffed =
            LINE_END.matcher(line.startsWith(".") ? line.substring(1) : line).replaceAll("\r\n");
        boolean folded = unstuffed.startsWith(" ") || unstuffed.startsWith("\t");
        boolean separator = at == 0 && unstuffed.matches("(?s)>?From +[!-9;-~].*");
        if (folded && !fields.isEmpty()) {
          fields.add(fields.remove(fields.size() - 1) + unstuffed);
        } else if (!folded && NAME.matcher(unstuffed).matches()) {
          fields.add(unstuffed);
        } else if (!separator || NAME.matcher(unstuffed).matches()) {
          break;
        }
        at = stop;
      }
      return new Read(fields, data.substring(at));
    }

    List<String> named(String name) {
      return fields.stream()
          .filter(
              field ->
                  field
                      .substring(0, field.indexOf(':'))
                      .strip()
                      .toLowerCase(Locale.ROOT)
                      .equals(name))
          .toList();
    }
  }

  @FuzzTest
  void ofMessage(byte[] bytes) {
    for (RewriteFrom to :
        List.of(
            new RewriteFrom(NEW, null, RewriteFrom.ReplyTo.NONE),
            new RewriteFrom(NEW, "Scanner", RewriteFrom.ReplyTo.ORIGINAL))) {
      RewrittenData data = Fuzzed.inEachSplit(bytes, pieces -> rewritten(to, pieces));
      if (data.accepted()) {
        check(new String(bytes, ISO_8859_1) + "\r\n.\r\n", data.text(), to);
      }
    }
  }

  private static RewrittenData rewritten(RewriteFrom to, List<byte[]> pieces) {
    StringBuilder all = new StringBuilder();
    List<Integer> cuts = new ArrayList<>();
    for (byte[] piece : pieces) {
      all.append(new String(piece, ISO_8859_1));
      cuts.add(piece.length);
    }
    RewrittenData data = RewrittenData.of(to, "old@printer.example", all + "\r\n.\r\n", cuts);
    return data.accepted() ? data : new RewrittenData("", false);
  }

  private static void check(String before, String after, RewriteFrom to) {
    MessageReaders.checkSender(after, NEW);
    Read old = Read.of(before);
    Read changed = Read.of(after);
    assertThat(changed.named("from")).as("From fields").hasSize(1);
    assertThat(changed.named("from").get(0)).containsOnlyOnce(NEW);
    assertThat(changed.named("sender"))
        .hasSameSizeAs(old.named("sender"))
        .allSatisfy(sender -> assertThat(sender).contains(NEW));
    assertThat(after).endsWith(SEPARATOR.matcher(old.body()).replaceFirst(""));
    String header = after.substring(0, after.length() - changed.body().length());
    assertThat(header.replace("\r\n", "")).doesNotContain("\r", "\n");
    assertThat(changed.body().startsWith("\r\n") || changed.body().equals(".\r\n")).isTrue();
    List<String> others = new ArrayList<>(old.fields());
    others.removeAll(old.named("from"));
    others.removeAll(old.named("sender"));
    List<String> kept = new ArrayList<>(changed.fields());
    kept.removeAll(changed.named("from"));
    kept.removeAll(changed.named("sender"));
    if (to.replyTo() == RewriteFrom.ReplyTo.ORIGINAL && old.named("reply-to").isEmpty()) {
      assertThat(changed.named("reply-to")).hasSize(1);
      kept.removeAll(changed.named("reply-to"));
    }
    assertThat(kept).isEqualTo(others);
  }
}
