package org.tlsuplift.server.inventory.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.inventory.InventoryPlace;

/** Messages in the file in the data directory. */
class SqliteMessageTest extends MessageContract {
  @TempDir Path folder;

  @Override
  InventoryPlace place() {
    return new InventoryPlace.Embedded(folder.resolve("inventory.db"));
  }
}
