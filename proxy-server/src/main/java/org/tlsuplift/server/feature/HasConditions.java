package org.tlsuplift.server.feature;

import java.util.List;

/** A running feature that may stop serving devices. */
public interface HasConditions {
  /**
   * The conditions that hold now, for notifications and the health endpoints. Fast; reads no file
   * and no database. Thread-safe.
   */
  List<Condition> conditions();
}
