package org.tlsuplift.server.inventory.jdbc;

import org.junit.jupiter.api.BeforeAll;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.testing.Postgres;

/** Messages in the database that several daemons share. */
@OneJdk
class PostgresMessageTest extends MessageContract {
  private static Postgres postgres;

  @BeforeAll
  static void start() {
    postgres = Postgres.shared();
  }

  @Override
  DatabasePlace place() {
    return postgres.place(postgres.newSchema());
  }
}
