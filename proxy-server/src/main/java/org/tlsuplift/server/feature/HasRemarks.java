package org.tlsuplift.server.feature;

import java.util.List;

/** A feature that needs something of this machine, for the check of a configuration. */
public interface HasRemarks {
  /** Why this machine cannot run the configuration; empty if it can. */
  String refusal();

  List<String> warnings();
}
