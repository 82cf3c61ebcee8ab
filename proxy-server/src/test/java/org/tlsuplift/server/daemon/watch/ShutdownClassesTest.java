package org.tlsuplift.server.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ShutdownClassesTest {
  @Test
  void unusedPackagesExist() {
    Path sources = Path.of("src/main/java/org/tlsuplift/server");
    assertThat(ShutdownClasses.UNUSED)
        .allSatisfy(each -> assertThat(sources.resolve(each)).isDirectory());
  }
}
