package org.tlsuplift.server.pages;

import java.sql.SQLException;

/** What is shown when the inventory does not answer. */
final class InventoryUnavailable {
  private InventoryUnavailable() {}

  /** One line for the operator, with the database's own words. */
  static String of(SQLException failed) {
    return "The inventory cannot be read now ("
        + PageText.visible(String.valueOf(failed.getMessage()).strip())
        + "). Sessions go on; what they show is kept in memory and written when the database is back.";
  }
}
