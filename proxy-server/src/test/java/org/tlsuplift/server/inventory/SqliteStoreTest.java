package org.tlsuplift.server.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file in the data directory. */
class SqliteStoreTest extends StoreContract {
  @TempDir Path folder;

  @Override
  InventoryPlace place() {
    return new InventoryPlace.Embedded(folder.resolve("inventory.db"));
  }

  @Test
  void isForItsUserAlone() throws Exception {
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("inventory.db"))))
        .isEqualTo("rw-------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("inventory.db-wal"))))
        .isEqualTo("rw-------");
  }
}
