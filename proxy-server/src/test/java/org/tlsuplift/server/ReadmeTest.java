package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.OriginReply;
import org.tlsuplift.server.config.ServerConfig;

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
  void hasEveryPortThatIsOpenByDefaultAndSoHasTheContainer() throws IOException {
    List<String> ports =
        ServerConfig.defaults().listeners().stream()
            .flatMap(listener -> listener.bind().stream())
            .map(bind -> String.valueOf(bind.port()))
            .toList();
    String exposed =
        read("Dockerfile").lines().filter(line -> line.startsWith("EXPOSE")).findFirst().orElse("");

    assertThat(read("README.md")).contains(ports);
    assertThat(exposed.split(" ")).containsAll(ports);
  }

  private static String code(String text) {
    return "`" + text + "`";
  }

  private static String read(String file) throws IOException {
    return Files.readString(Path.of("..", file));
  }
}
