package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.record.WrittenInventory;

/** An error names the reason, not a pool without connections. */
@OneJdk
class ReadOnlyInventoryTest {
  @TempDir Path folder;

  private static ReadOnlyInventory open(DatabasePlace place) throws SQLException {
    return ReadOnlyInventory.open(place, VerdictRules.defaults(), Map.of(), Duration.ofMillis(50));
  }

  private DatabasePlace.Embedded embedded() {
    return new DatabasePlace.Embedded(folder.resolve("inventory.db"));
  }

  @Test
  void namesAFileThatIsNoDatabase() throws Exception {
    Files.writeString(embedded().file(), "no database at all, ".repeat(50));
    assertThatThrownBy(() -> open(embedded()))
        .isInstanceOf(SQLException.class)
        .hasMessageStartingWith(embedded().file().toString())
        .hasMessageContaining("is not a database")
        .hasMessageNotContaining("Connection is not available");
  }

  @Test
  void reportsALockedDatabase() throws Exception {
    new WrittenInventory(embedded(), VerdictRules.defaults(), Instant.now()).close();
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + embedded().file());
        Statement statement = other.createStatement()) {
      statement.execute("PRAGMA journal_mode = DELETE");
      statement.execute("PRAGMA locking_mode = EXCLUSIVE");
      statement.execute("BEGIN EXCLUSIVE");
      assertThatThrownBy(() -> open(embedded()))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("database is locked");
    }
  }

  @Test
  void reportsAtOnceThatTheServerIsDown() {
    Instant before = Instant.now();
    assertThatThrownBy(
            () ->
                open(
                    new DatabasePlace.PostgreSql(
                        "jdbc:postgresql://127.0.0.1:1/uplift?ApplicationName=x", "u", "secret")))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("127.0.0.1:1/uplift: Connection refused")
        .hasMessageNotContaining("secret");
    assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void aUrlThatTheDriverRejectsIsNotPrinted() {
    String url = "jdbc:postgresql://127.0.0.1:99999/uplift?sslpassword=secret";
    assertThatThrownBy(() -> open(new DatabasePlace.PostgreSql(url, "u", null)))
        .hasMessageContaining("127.0.0.1:99999/uplift: the PostgreSQL driver rejects the URL")
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }

  @Test
  void distinguishesAMissingFromAnInaccessibleInventory() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Path file = data.resolve("inventory.db");
    assertThatThrownBy(() -> open(new DatabasePlace.Embedded(file)))
        .hasMessageContaining("there is no inventory at " + file);

    Files.createFile(file);
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("---------"));
    try {
      assumeFalse(Files.isReadable(file), "this user may read everything");
      assertThatThrownBy(() -> open(new DatabasePlace.Embedded(file)))
          .hasMessageContaining("this user may not read " + file);
    } finally {
      Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    }
  }
}
