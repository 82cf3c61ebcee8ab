package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.record.Batch;
import org.tlsuplift.server.inventory.record.Sightings;

/** The file in the data directory. */
@OneJdk
class SqliteStoreTest extends StoreContract {
  @TempDir Path folder;

  @Override
  DatabasePlace place() {
    return new DatabasePlace.Embedded(folder.resolve("inventory.db"));
  }

  @Test
  void isForItsUserAlone() throws Exception {
    try (Database database = Database.forWriting(place())) {
      database.createFile();
      new Store(database, 1000, 1000).write(batch(1));
      assertThat(mode("inventory.db")).isEqualTo("rw-------");
      assertThat(mode("inventory.db-wal")).isEqualTo("rw-------");
    }
  }

  private String mode(String file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file)));
  }

  @Test
  void aBatchIsCaughtUpWholeAfterAnotherProgramHeldTheFile() throws Exception {
    try (Database database = Database.forWriting(place(), Duration.ofMillis(50))) {
      database.createFile();
      Store store = new Store(database, 1000, 1000);
      store.write(batch(1));
      try (Connection backup =
              DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("inventory.db"));
          Statement statement = backup.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");
        assertThatThrownBy(() -> store.write(batch(2))).hasMessageContaining("locked");
        statement.execute("ROLLBACK");
        store.write(batch(2));
        store.write(batch(3));
        try (ResultSet sum = statement.executeQuery("SELECT sum(sessions) FROM device")) {
          assertThat(sum.getLong(1)).isEqualTo(3);
        }
      }
    }
  }

  private static Batch batch(int number) {
    return new Batch(
        number,
        Sightings.fold(List.of(Sightings.session("10.0.0.1", Instant.EPOCH, Sightings.TLS_1_0))));
  }
}
