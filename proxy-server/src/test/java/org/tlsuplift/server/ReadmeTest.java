package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.server.config.load.ConfigLoader;

/** What operators look up on the product page is there. */
class ReadmeTest {
  @Test
  void hasEveryKnownReplyOfAMailOrigin() throws IOException {
    assertThat(read("README.md"))
        .contains(Arrays.stream(OriginReply.values()).map(reply -> code(reply.label())).toList());
  }

  @Test
  void hasEveryReasonOfMailAndOfTheWayOut() throws IOException {
    assertThat(read("README.md"))
        .contains(
            Stream.of(
                    CloseReason.VIA_UNREACHABLE,
                    CloseReason.VIA_REFUSED,
                    CloseReason.PLAINTEXT_AFTER_STARTTLS,
                    CloseReason.ORIGIN_STARTTLS_UNAVAILABLE,
                    CloseReason.ORIGIN_REFUSED,
                    CloseReason.ORIGIN_PROTOCOL_ERROR)
                .map(reason -> code(reason.label()))
                .toList());
  }

  @Test
  void hasEveryPortThatIsOpenByDefaultAndSoHasTheContainer() throws Exception {
    List<String> ports =
        ConfigLoader.loadDefault().config().listeners().stream()
            .flatMap(listener -> listener.bind().stream())
            .map(bind -> String.valueOf(bind.port()))
            .toList();
    String exposed =
        read("Dockerfile").lines().filter(line -> line.startsWith("EXPOSE")).findFirst().orElse("");

    assertThat(read("README.md")).contains(ports);
    assertThat(exposed.split(" ")).containsAll(ports);
  }

  @Test
  void eachLineOfTheThreatModelNamesTestsThatExist() throws IOException {
    String section = read("README.md").split("\n## Threat model\n", -1)[1].split("\n## ", -1)[0];
    Set<String> tests = tests();

    List<String> lines = section.lines().filter(line -> line.startsWith("|")).skip(2).toList();

    assertThat(lines).hasSizeGreaterThan(7);
    for (String line : lines) {
      String proof = line.split("\\|", -1)[3];
      List<String> named =
          Pattern.compile("`(\\w+)`").matcher(proof).results().map(name -> name.group(1)).toList();
      assertThat(named).as(line).isNotEmpty().allSatisfy(name -> assertThat(tests).contains(name));
    }
  }

  /** The names of all test classes of both modules. */
  private static Set<String> tests() throws IOException {
    try (Stream<Path> core = Files.walk(Path.of("..", "proxy-core", "src", "test"));
        Stream<Path> server = Files.walk(Path.of("..", "proxy-server", "src", "test"))) {
      return Stream.concat(core, server)
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(".java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }

  private static String code(String text) {
    return "`" + text + "`";
  }

  private static String read(String file) throws IOException {
    return Files.readString(Path.of("..", file));
  }
}
