package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.ConfigLoader;

/** The product page is short, and agrees with the program. */
@OneJdk
class ReadmeTest {
  @Test
  void isNoLongerThanAProductPage() throws IOException {
    assertThat(read("README.md").lines()).hasSizeLessThanOrEqualTo(200);
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

  private static String read(String file) throws IOException {
    return Files.readString(Path.of("..", file));
  }
}
