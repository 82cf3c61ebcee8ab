package org.tlsuplift.server.config.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FilePathTest {
  @Test
  void leavesAPathAsItIs() {
    assertThat(FilePath.parse("/etc/tls-uplift/ca.key", null))
        .isEqualTo(Path.of("/etc/tls-uplift/ca.key"));
    assertThat(FilePath.parse("./$file", null)).isEqualTo(Path.of("./$file"));
  }

  @Test
  void findsTheCredentialsOfSystemd() {
    assertThat(FilePath.parse("${CREDENTIALS_DIRECTORY}/ca.key", "/run/credentials/uplift"))
        .isEqualTo(Path.of("/run/credentials/uplift/ca.key"));
  }

  @Test
  void namesTheRemedyWithoutThatDirectory() {
    for (String none : new String[] {null, ""}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FilePath.parse("${CREDENTIALS_DIRECTORY}/ca.key", none))
          .withMessageContaining("CREDENTIALS_DIRECTORY is not set")
          .withMessageContaining("LoadCredential=");
    }
  }

  @Test
  void replacesNothingElse() {
    for (String path :
        new String[] {
          "${HOME}/ca.key", "/x/${CREDENTIALS_DIRECTORY}/y", "${CREDENTIALS_DIRECTORY}"
        }) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FilePath.parse(path, "/run/credentials/uplift"))
          .withMessageContaining("write the whole path");
    }
  }
}
