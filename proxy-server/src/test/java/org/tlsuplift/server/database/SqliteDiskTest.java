package org.tlsuplift.server.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteDiskTest {
  @Test
  void fileSystemNeedsBlocksOfFourKibibytes(@TempDir Path folder) {
    assertThat(SqliteDisk.refusal("ext4", 1024)).contains("blocks of 1024 bytes", "mkfs -b 4096");
    assertThat(SqliteDisk.refusal("ext4", 4096)).isEmpty();
    assertThat(SqliteDisk.refusal("zfs", 512)).isEmpty();
    assertThat(SqliteDisk.refusal(folder.resolve("missing/deeper"))).isEmpty();
  }
}
