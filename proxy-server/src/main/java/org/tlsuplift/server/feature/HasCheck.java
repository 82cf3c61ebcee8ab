package org.tlsuplift.server.feature;

import java.util.function.Consumer;

/** A feature with a check of the doctor. Blocks. */
public interface HasCheck {
  /** Whether there is anything to check, also {@code alone}: without a path of mail. */
  boolean applies(boolean alone);

  /** The title of {@link #examine}, which may take some time. */
  String title();

  /** {@code progress} gets each finding as soon as its step has ended. */
  CheckResult examine(Consumer<Finding> progress) throws Exception;
}
