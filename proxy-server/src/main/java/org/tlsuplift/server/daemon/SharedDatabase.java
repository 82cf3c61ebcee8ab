package org.tlsuplift.server.daemon;

import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.database.DatabasePlace;

/** The database that several instances share. */
final class SharedDatabase {
  private SharedDatabase() {}

  /**
   * How to reach it.
   *
   * @throws OperatorException if the password cannot be read
   */
  static DatabasePlace.PostgreSql place(DatabaseConfig config) throws OperatorException {
    return new DatabasePlace.PostgreSql(
        config.url(), config.user(), PasswordFile.read(config.passwordFile()));
  }
}
