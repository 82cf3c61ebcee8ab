package org.tlsuplift.server.database;

import java.util.List;

/**
 * A part of the database's schema with scripts of its own.
 *
 * @param location of the scripts in the class path
 * @param history the table in which Flyway records which scripts have run
 * @param scripts the names of all scripts there, in the order of their versions
 */
public record Schema(String location, String history, List<String> scripts) {
  public Schema {
    scripts = List.copyOf(scripts);
  }
}
