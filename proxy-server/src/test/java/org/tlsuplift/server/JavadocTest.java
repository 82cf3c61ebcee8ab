package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.testing.OneJdk;

/** Every public type has a Javadoc. Members have one where it adds to the signature. */
@OneJdk
class JavadocTest {
  private static final Pattern PUBLIC_TYPE =
      Pattern.compile(
          "^ *(?:public|protected) (?:(?:static|final|abstract|sealed|non-sealed) )*"
              + "(?:class|interface|enum|record|@interface) (\\w+)",
          Pattern.MULTILINE);

  private static final Pattern TEXT = Pattern.compile("\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"");

  @ParameterizedTest
  @ValueSource(strings = {"proxy-core", "proxy-server"})
  void everyPublicTypeHasOne(String module) throws IOException {
    List<String> without = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        without.addAll(undocumented(Files.readString(file)));
      }
    }

    assertThat(without).isEmpty();
  }

  @Test
  void findsATypeWithoutOne() {
    assertThat(undocumented("/** All. */\n@A({\n  \"b\"\n})\npublic final class C {")).isEmpty();
    assertThat(undocumented("/** All. */\n@A(\"a; b\")\npublic final class C {")).isEmpty();
    assertThat(undocumented("/** All. */\nint a;\n\npublic record B() {")).containsExactly("B");
    assertThat(undocumented("/** All. */\n@A int a;\n\npublic enum B {")).containsExactly("B");
    assertThat(undocumented("public interface C {")).containsExactly("C");
  }

  /** Between the Javadoc and the type there is nothing but annotations. */
  private static List<String> undocumented(String source) {
    List<String> without = new ArrayList<>();
    Matcher types = PUBLIC_TYPE.matcher(source);
    while (types.find()) {
      String before = source.substring(0, types.start());
      String between = before.substring(before.lastIndexOf("*/") + 1).strip();
      boolean documented = TEXT.matcher(between).replaceAll("").matches("(?s)/(\\s*@[^;]*)?");
      if (!documented) {
        without.add(types.group(1));
      }
    }
    return without;
  }
}
