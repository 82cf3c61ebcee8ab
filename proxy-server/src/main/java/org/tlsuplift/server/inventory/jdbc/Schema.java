package org.tlsuplift.server.inventory.jdbc;

import java.util.List;

/**
 * A part of the database's schema with scripts of its own.
 *
 * @param location of the scripts in the class path
 * @param history the table in which Flyway records which scripts have run
 * @param scripts the names of all scripts there, in the order of their versions
 */
public record Schema(String location, String history, List<String> scripts) {
  /** The devices, the messages and the audit log. */
  public static final Schema INVENTORY =
      new Schema(
          "org/tlsuplift/server/inventory",
          "tlsuplift_schema_history",
          List.of(
              "V1__inventory.sql",
              "V2__needs.sql",
              "V3__messages.sql",
              "V4__leaf_keys.sql",
              "V5__device_origins.sql",
              "V6__audit.sql",
              "V7__device_notes.sql",
              "V8__account_sign_in.sql",
              "V9__acknowledgements.sql",
              "V10__audit_subjects.sql",
              "V11__introductions.sql"));

  /** The instances that share a database. */
  public static final Schema INSTANCES =
      new Schema(
          "org/tlsuplift/server/cluster",
          "tlsuplift_instances_history",
          List.of("V1__instances.sql"));

  /** The tokens of users and the device accounts. */
  public static final Schema SIGN_IN =
      new Schema(
          "org/tlsuplift/server/signin",
          "tlsuplift_signin_history",
          List.of("V1__tokens.sql", "V2__accounts.sql", "V3__recent_changes.sql"));

  /** The messages that wait. */
  public static final Schema SPOOL =
      new Schema(
          "org/tlsuplift/server/spool",
          "tlsuplift_spool_history",
          List.of("V1__spool.sql", "V2__seals.sql"));

  public Schema {
    scripts = List.copyOf(scripts);
  }
}
