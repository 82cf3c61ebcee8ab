package org.tlsuplift.server.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Comparator;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteDataSource;
import org.tlsuplift.server.cluster.Instances;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.spool.JdbcSpoolStore;

/** Flyway is left out only where its table has exactly the scripts of this program. */
class SchemaTest {
  @TempDir Path folder;

  static Stream<Schema> all() {
    return Stream.of(
        DeviceInventory.SCHEMA, Instances.SCHEMA, TokenDatabase.SCHEMA, JdbcSpoolStore.SCHEMA);
  }

  @ParameterizedTest
  @MethodSource("all")
  void namesAllScriptsInTheirOrder(Schema schema) throws Exception {
    try (Stream<Path> files = Files.list(Path.of("src/main/resources", schema.location()))) {
      assertThat(schema.scripts())
          .isEqualTo(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> name.endsWith(".sql"))
                  .sorted(
                      Comparator.comparingInt(
                          name -> Integer.parseInt(name.replaceAll("V(\\d+)__.*", "$1"))))
                  .toList());
    }
  }

  @Test
  void anEmptyDatabaseIsNotDone() throws Exception {
    assertThat(migration().isDone()).isFalse();
  }

  @Test
  void aMigratedDatabaseIsDone() throws Exception {
    migration().run();
    assertThat(migration().isDone()).isTrue();
    migration().run();
    assertThat(migration().isDone()).isTrue();
  }

  @Test
  void aMigratedDatabaseWithOtherTablesIsDone() throws Exception {
    execute("CREATE TABLE other (id INTEGER)");
    migration().run();
    assertThat(migration().isDone()).isTrue();
  }

  @Test
  void anOlderSchemaIsNotDone() throws Exception {
    Flyway.configure(SchemaTest.class.getClassLoader())
        .dataSource(source())
        .locations("classpath:" + DeviceInventory.SCHEMA.location())
        .table(DeviceInventory.SCHEMA.history())
        .placeholders(Migration.SQLITE_TYPES)
        .target("2")
        .load()
        .migrate();
    assertThat(migration().isDone()).isFalse();
    migration().run();
    assertThat(migration().isDone()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Half applied, changed, renamed, and applied by a newer version.
        "UPDATE tlsuplift_schema_history SET success = 0 WHERE version = '3'",
        "UPDATE tlsuplift_schema_history SET checksum = checksum + 1 WHERE version = '2'",
        "UPDATE tlsuplift_schema_history SET script = 'V2__other.sql' WHERE version = '2'",
        "INSERT INTO tlsuplift_schema_history (installed_rank, version, description, type, script,"
            + " checksum, installed_by, execution_time, success)"
            + " VALUES (99, '99', 'newer', 'SQL', 'V99__newer.sql', 1, 'x', 1, 1)"
      })
  void flywayDecidesAboutEveryOtherSchema(String change) throws Exception {
    migration().run();
    execute(change);
    assertThat(migration().isDone()).isFalse();
  }

  @Test
  void anUnreachableDatabaseIsReportedAsBefore() {
    Path missing = folder.resolve("missing/inventory.db");
    try (Database database = Database.forWriting(new DatabasePlace.Embedded(missing))) {
      assertThatThrownBy(() -> database.migrate(DeviceInventory.SCHEMA))
          .hasMessageStartingWith(missing + ": ")
          .hasMessageNotContaining("\n");
    }
  }

  private Migration migration() {
    return new Migration(source(), DeviceInventory.SCHEMA, Migration.SQLITE_TYPES);
  }

  private SQLiteDataSource source() {
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + folder.resolve("inventory.db"));
    return source;
  }

  private void execute(String statement) throws Exception {
    try (Connection connection = source().getConnection();
        Statement all = connection.createStatement()) {
      all.executeUpdate(statement);
    }
  }
}
