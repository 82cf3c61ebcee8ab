package org.tlsuplift.server.inventory.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.database.DatabasePlace;

/** Messages in the file in the data directory. */
class SqliteMessageTest extends MessageContract {
  @TempDir Path folder;

  @Override
  DatabasePlace place() {
    return new DatabasePlace.Embedded(folder.resolve("inventory.db"));
  }
}
