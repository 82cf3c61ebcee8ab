package org.tlsuplift.server.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import org.postgresql.ds.PGSimpleDataSource;

/** Connections to a PostgreSQL server, which may be away. */
final class PostgresConnections implements Connections {
  /** Shorter than {@link Connections#LONGEST_WAIT}, so that the driver reports the reason. */
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(4);

  private static final int SOCKET_SECONDS = 30;
  private static final int QUICK_SECONDS = 3;

  private final DatabasePlace.PostgreSql place;
  private final HikariDataSource pool;

  private PostgresConnections(DatabasePlace.PostgreSql place, HikariConfig config) {
    this.place = place;
    this.pool = new HikariDataSource(config);
  }

  /** Connects on first use, and again after an outage. */
  static Connections forWriting(DatabasePlace.PostgreSql place) {
    HikariConfig config = config(source(place));
    config.setInitializationFailTimeout(-1);
    return new PostgresConnections(place, config);
  }

  /** As {@link Database#forLimits}. */
  static Connections forLimits(DatabasePlace.PostgreSql place) {
    PGSimpleDataSource source = source(place);
    source.setConnectTimeout(QUICK_SECONDS);
    source.setSocketTimeout(QUICK_SECONDS);
    HikariConfig config = config(source);
    config.setPoolName("uplift-limits");
    config.setConnectionTimeout(Duration.ofSeconds(QUICK_SECONDS).toMillis());
    config.setInitializationFailTimeout(-1);
    return new PostgresConnections(place, config);
  }

  /** Connects at once; the connections change nothing. */
  static Connections forReading(DatabasePlace.PostgreSql place) throws SQLException {
    HikariConfig config = config(source(place));
    config.setConnectionInitSql("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
    config.setInitializationFailTimeout(1);
    try {
      return new PostgresConnections(place, config);
    } catch (HikariPool.PoolInitializationException away) {
      throw Database.named(place, away);
    }
  }

  private static HikariConfig config(PGSimpleDataSource source) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("uplift-inventory");
    config.setDataSource(source);
    config.setMaximumPoolSize(MAX);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(LONGEST_WAIT.toMillis());
    config.setIdleTimeout(Duration.ofMinutes(1).toMillis());
    return config;
  }

  static PGSimpleDataSource source(DatabasePlace.PostgreSql place) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setConnectTimeout((int) CONNECT_LIMIT.toSeconds());
    source.setSocketTimeout(SOCKET_SECONDS);
    source.setTcpKeepAlive(true);
    source.setApplicationName("tls-uplift");
    try {
      source.setUrl(place.url());
    } catch (IllegalArgumentException withUrl) {
      // The driver's message has the parameters, which may contain a password.
      throw new IllegalArgumentException(place + ": the PostgreSQL driver rejects the URL");
    }
    if (place.user() != null) {
      source.setUser(place.user());
    }
    if (place.password() != null) {
      source.setPassword(place.password());
    }
    return source;
  }

  @Override
  public <T> T use(Use<T> use) throws SQLException {
    try (Connection connection = connect()) {
      return use.with(connection);
    }
  }

  private Connection connect() throws SQLException {
    try {
      return pool.getConnection();
    } catch (SQLTransientConnectionException none) {
      throw Database.named(place, none);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
