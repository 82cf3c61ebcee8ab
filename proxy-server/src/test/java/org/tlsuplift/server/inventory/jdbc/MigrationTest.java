package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabaseCopy;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.database.Migration;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.Need;
import org.tlsuplift.server.inventory.NeedFilter;
import org.tlsuplift.server.inventory.Success;
import org.tlsuplift.server.inventory.record.Batch;
import org.tlsuplift.server.inventory.record.Delta;
import org.tlsuplift.server.inventory.record.Sightings;

/** What was written by an earlier version is not lost, and not taken for less than it was. */
@OneJdk
class MigrationTest {
  @TempDir Path folder;

  @Test
  void anEarlierNeedCountsForEachListenerOfTheDevice() throws Exception {
    Path file = folder.resolve("inventory.db");
    migrateTo("1", file);
    try (Database before = Database.forWriting(new DatabasePlace.Embedded(file))) {
      before.createFile();
      before.run(
          sql -> {
            // A device that offered and agreed to TLS 1.0.
            sql.update(
                "INSERT INTO device VALUES ('10.0.0.1', '00000000000000000000ffff0a000001', '',"
                    + " 5000, 5000, 1, 10, 100, 1, 0, 0, 0, 0, 769, 5000,"
                    + " 'TLS_RSA_WITH_AES_128_CBC_SHA', 769, 5000, 't10d', '', 769, 0, '', 0, '',"
                    + " 5000, 0, 5000, 769, 0, 0, 0, 0, 5000)");
            return sql.update(
                "INSERT INTO device_fact VALUES ('10.0.0.1', 'listener', 'web', 1000, 9000, 3),"
                    + " ('10.0.0.1', 'listener', 'mail', 1000, 2000, 1),"
                    + " ('10.0.0.1', 'legacy_listener', 'web', 1000, 5000, 1)");
          });
      before.migrate(DeviceInventory.SCHEMA);
      List<ListenerNeed> needs = new ArrayList<>();
      NeedFilter all = new NeedFilter(Instant.EPOCH, Optional.empty(), Optional.empty());
      before.run(
          sql -> {
            NeedReader.needs(sql, all, needs::add);
            return sql;
          });
      assertThat(needs).containsExactlyInAnyOrder(need("web", 5000), need("mail", 2000));
    }
  }

  private static void migrateTo(String version, Path file) {
    migrateTo(version, source(file), Migration.SQLITE_TYPES);
  }

  /** Makes the schema of an earlier version. */
  static void migrateTo(String version, DataSource source, Map<String, String> types) {
    Flyway.configure(MigrationTest.class.getClassLoader())
        .dataSource(source)
        .locations("classpath:org/tlsuplift/server/inventory")
        .table("tlsuplift_schema_history")
        .placeholders(types)
        .target(version)
        .load()
        .migrate();
  }

  @Test
  void problemsOfTheVersionBeforeStayUntilTheNextSuccess() throws Exception {
    Path file = folder.resolve("inventory.db");
    migrateTo("4", file);
    writeProblems(source(file));
    try (Database after = Database.forWriting(new DatabasePlace.Embedded(file))) {
      after.createFile();
      after.migrate(DeviceInventory.SCHEMA);
      checkProblems(after);
    }
  }

  /**
   * Writes to the tables of version 4. The device had a handshake and an accepted message after
   * some of its problems.
   */
  static void writeProblems(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "INSERT INTO device VALUES ('10.0.0.1', '00000000000000000000ffff0a000001', '', 5000,"
              + " 5000, 1, 10, 100, 1, 0, 0, 0, 0, 769, 5000, 'TLS_RSA_WITH_AES_128_CBC_SHA',"
              + " 769, 5000, 't10d', '', 769, 0, '', 0, '', 5000, 0, 5000, 769, 0, 0, 0, 0,"
              + " 5000, 0, 0)");
      statement.executeUpdate(
          "INSERT INTO device_fact VALUES ('10.0.0.1', 'failure', 'no_shared_version', 1, 4999, 1),"
              + " ('10.0.0.1', 'failure', 'certificate_rejected', 1, 5001, 1),"
              + " ('10.0.0.1', 'failure', 'origin_unreachable', 1, 4000, 1),"
              + " ('10.0.0.1', 'reply', 'login failed', 1, 4000, 1),"
              + " ('10.0.0.1', 'reply', '535 5.7.3', 1, 6000, 1),"
              + " ('10.0.0.1', 'reply', '550 5.7.60', 1, 8000, 1)");
      statement.executeUpdate(
          "INSERT INTO message_day VALUES ('10.0.0.1', 0, 1, 0, 0, 0, 0, 5, 3000),"
              + " ('10.0.0.1', 1, 1, 0, 0, 0, 0, 5, 7000), ('10.0.0.1', 2, 0, 1, 0, 0, 0, 5, 0)");
    }
  }

  /** Checks the same problems after the upgrade, and that the next successes end them. */
  static void checkProblems(Database after) throws SQLException {
    assertThat(open(after, FactKind.FAILURE))
        .containsExactly("certificate_rejected", "origin_unreachable");
    assertThat(open(after, FactKind.REPLY)).containsExactly("550 5.7.60", "login failed");
    Delta delta = new Delta(10);
    delta.add(
        Sightings.succeeded(
            "10.0.0.1",
            Instant.ofEpochMilli(9000),
            new HostPort("origin.example", 993),
            Success.SESSION,
            Success.SIGN_IN));
    new Store(after, 10, 10).write(new Batch(1, delta));
    assertThat(open(after, FactKind.FAILURE)).containsExactly("certificate_rejected");
    assertThat(open(after, FactKind.REPLY)).containsExactly("550 5.7.60");
  }

  private static List<String> open(Database database, FactKind kind) throws SQLException {
    return database.run(
        handle ->
            ProblemReader.counts(handle, kind, Instant.EPOCH).stream()
                .map(FactCount::value)
                .toList());
  }

  @Test
  void losesNoRowIfAStatementFails() throws Exception {
    Path earlier = folder.resolve("earlier.db");
    migrateTo("2", earlier);
    try (Connection connection = source(earlier).getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "INSERT INTO device_fact VALUES ('10.0.0.1', 'listener', 'web', 1000, 9000, 2),"
              + " ('10.0.0.1', 'failure', 'no_route', 1000, 9000, 1)");
    }
    int failures = 0;
    for (boolean failed = true; failed; failures++) {
      Path file = Files.copy(earlier, folder.resolve("inventory-" + failures + ".db"));
      FailingSource failing = new FailingSource(source(file), "", failures);
      try {
        new Migration(failing.source(), DeviceInventory.SCHEMA, Migration.SQLITE_TYPES).run();
      } catch (SQLException full) {
        assertThat(Database.reason(full)).contains(FailingSource.MESSAGE);
      }
      failed = failing.hasFailed;
      assertThat(number(file, "SELECT sum(times) FROM device_fact")).isEqualTo(3);

      Migration next = new Migration(source(file), DeviceInventory.SCHEMA, Migration.SQLITE_TYPES);
      next.run();
      assertThat(next.isDone()).as("after %d statements", failures).isTrue();
      assertThat(number(file, "SELECT sum(times) FROM device_fact")).isEqualTo(3);
      assertThat(number(file, "SELECT count(*) FROM device_origin")).isEqualTo(1);
      assertThat(DatabaseCopy.isIntact(file)).isTrue();
    }
    assertThat(failures).isGreaterThan(10);
  }

  private static SQLiteDataSource source(Path file) {
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + file);
    return source;
  }

  private static long number(Path file, String sql) throws SQLException {
    try (Connection connection = source(file).getConnection();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      return found.getLong(1);
    }
  }

  /** Connections of which one fails once, after some statements and commits. */
  static final class FailingSource {
    static final String MESSAGE = "database or disk is full";

    private final DataSource source;
    private final String part;
    private int left;
    private boolean hasFailed;

    /**
     * Counts the statements that contain a text.
     *
     * @param part of the statements; empty for all, and for commits
     * @param left the number of them that succeed
     */
    FailingSource(DataSource source, String part, int left) {
      this.source = source;
      this.part = part;
      this.left = left;
    }

    DataSource source() {
      return wrap(DataSource.class, source);
    }

    private <T> T wrap(Class<T> type, Object real) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) -> {
                if (isCounted(method.getName(), arguments)) {
                  if (left == 0 && !hasFailed) {
                    hasFailed = true;
                    throw new SQLException(MESSAGE);
                  }
                  left--;
                }
                Object result;
                try {
                  result = method.invoke(real, arguments);
                } catch (InvocationTargetException thrown) {
                  throw thrown.getCause();
                }
                return result != null && WRAPPED.contains(method.getReturnType())
                    ? wrap(method.getReturnType(), result)
                    : result;
              }));
    }

    boolean hasFailed() {
      return hasFailed;
    }

    private boolean isCounted(String method, Object @Nullable [] arguments) {
      return (method.startsWith("execute") || method.equals("commit"))
          && (part.isEmpty() || (arguments != null && String.valueOf(arguments[0]).contains(part)));
    }

    private static final Set<Class<?>> WRAPPED =
        Set.of(Connection.class, Statement.class, PreparedStatement.class);
  }

  private static ListenerNeed need(String listener, long last) {
    return new ListenerNeed(
        "10.0.0.1",
        listener,
        Need.TOO_OLD,
        Instant.ofEpochMilli(1000),
        Instant.ofEpochMilli(last),
        1);
  }
}
