package org.tlsuplift.server.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConnection;
import org.tlsuplift.proxy.testing.OneJdk;

@OneJdk
class SqliteConnectionsTest {
  @TempDir Path folder;
  private SqliteConnections connections;

  @BeforeEach
  void open() throws Exception {
    Path path = folder.resolve("inventory.db");
    DatabaseFile file = new DatabaseFile(path);
    file.use();
    connections =
        new SqliteConnections(
            new DatabasePlace.Embedded(path),
            SqliteSource.of(file, Duration.ofMillis(50), SynchronousMode.NORMAL));
  }

  private static <T> T same(T connection) {
    return connection;
  }

  @Test
  void diskWithSmallBlocksGetsNoSharedMemory() throws Exception {
    Path file = folder.resolve("inventory.db");
    String url = "jdbc:sqlite:" + file;
    try (Connection killed = DriverManager.getConnection(url);
        Statement with = killed.createStatement()) {
      with.execute("PRAGMA journal_mode = WAL");
      with.execute("CREATE TABLE t AS SELECT 7 AS n");
      Files.copy(file, folder.resolve("copy.db"));
      Files.copy(folder.resolve("inventory.db-wal"), folder.resolve("copy.db-wal"));
    }
    String copy = "jdbc:sqlite:" + folder.resolve("copy.db");
    try (Connection one = withoutSharedMemory(copy);
        Connection other = withoutSharedMemory(copy);
        Statement writing = one.createStatement();
        Statement reading = other.createStatement()) {
      assertThat(writing.executeUpdate("UPDATE t SET n = n + 1")).isEqualTo(1);
      try (ResultSet row = reading.executeQuery("SELECT n FROM t")) {
        assertThat(row.getInt(1)).isEqualTo(8);
      }
      assertThat(folder.resolve("copy.db-shm")).doesNotExist();
      assertThat(folder.resolve("copy.db-wal")).doesNotExist();
    }
  }

  private static Connection withoutSharedMemory(String url) throws SQLException {
    SQLiteConnection opened = (SQLiteConnection) DriverManager.getConnection(url);
    return SqliteSource.prepared(opened, SqliteSource.NO_SHARED_MEMORY);
  }

  @Test
  void keepsOneConnectionUntilTheEnd() throws Exception {
    Connection first = connections.use(SqliteConnectionsTest::same);
    assertThat(first.isClosed()).isFalse();
    assertThat(connections.<Connection>use(SqliteConnectionsTest::same)).isSameAs(first);
    Connection second =
        connections.use(busy -> connections.<Connection>use(SqliteConnectionsTest::same));
    assertThat(second).isNotSameAs(first);
    assertThat(first.isClosed()).as("the second is kept instead").isTrue();
    connections.close();
    assertThat(second.isClosed()).isTrue();
    assertThatThrownBy(() -> connections.use(SqliteConnectionsTest::same))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("inventory.db: closed");
  }

  @Test
  void closesAConnectionThatFailed() throws Exception {
    Connection first = connections.use(SqliteConnectionsTest::same);
    assertThatThrownBy(
            () ->
                connections.use(
                    connection -> {
                      throw new SQLException("locked");
                    }))
        .hasMessage("locked");
    assertThat(first.isClosed()).isTrue();
    assertThat(connections.<Connection>use(SqliteConnectionsTest::same)).isNotSameAs(first);
    connections.close();
  }

  @Test
  void closesTheConnectionsOfThePreviousFile() throws Exception {
    Connection inUse =
        connections.use(
            connection -> {
              connections.reset();
              assertThat(connection.isClosed()).isFalse();
              return connection;
            });
    assertThat(inUse.isClosed()).isTrue();
    connections.close();
  }

  @Test
  void opensFourConnectionsAtMost() throws Exception {
    // The first connection gives the file its write-ahead log, and needs the file for itself.
    assertThat(connections.<Connection>use(SqliteConnectionsTest::same)).isNotNull();
    Set<Connection> open = ConcurrentHashMap.newKeySet();
    CountDownLatch end = new CountDownLatch(1);
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      for (int i = 0; i < Connections.MAX; i++) {
        threads.execute(() -> hold(open, end));
      }
      await().until(() -> open.size() == Connections.MAX);
      Future<Connection> fifth = threads.submit(() -> connections.use(SqliteConnectionsTest::same));
      assertThatThrownBy(() -> fifth.get(10, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      end.countDown();
      assertThat(fifth.get()).isNotNull();
    } finally {
      threads.shutdownNow();
      connections.close();
    }
  }

  private void hold(Set<Connection> open, CountDownLatch end) {
    try {
      connections.use(
          connection -> {
            open.add(connection);
            try {
              return end.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException ends) {
              throw new SQLException(ends);
            }
          });
    } catch (SQLException failed) {
      throw new AssertionError(failed);
    }
  }
}
