package org.tlsuplift.server.feature;

/** A feature with a check of the doctor. Blocks. */
public interface HasCheck {
  /** Whether there is anything to check. */
  boolean applies();

  /** The title of {@link #examine}, which may take some time. */
  String title();

  CheckResult examine();
}
