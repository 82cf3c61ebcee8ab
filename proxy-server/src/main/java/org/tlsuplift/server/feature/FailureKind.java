package org.tlsuplift.server.feature;

import org.tlsuplift.proxy.model.Labelled;

/** A kind of failure that a check finds. Implemented by enums. */
public interface FailureKind extends Labelled.WithDashes {
  /** The exit code for scripts, from 10 to 49; no other kind has it. */
  int exitCode();

  String title();
}
