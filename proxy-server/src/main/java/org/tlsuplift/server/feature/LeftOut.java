package org.tlsuplift.server.feature;

/** A feature with data that a backup leaves out. */
public interface LeftOut {
  /** What the backup does not have, for the operator; empty if there is nothing. */
  String leftOut();
}
