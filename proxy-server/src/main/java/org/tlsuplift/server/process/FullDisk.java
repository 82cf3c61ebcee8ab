package org.tlsuplift.server.process;

import java.nio.file.Path;
import java.util.Locale;
import org.tlsuplift.proxy.outcome.OperatorException;

/** Recognises the errors of a full disk, which have one remedy. */
public final class FullDisk {
  /** What new mail leaves free, in bytes: without space, none can be deleted. */
  public static final long ROOM = 32 << 20;

  private FullDisk() {}

  /** Whether the cause is a full file system (ENOSPC) or an exhausted quota. */
  public static boolean isCauseOf(Throwable failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (message.contains("no space left on")
          || message.contains("disk is full")
          || message.contains("quota exceeded")
          || message.contains("not enough space on the disk")) {
        return true;
      }
    }
    return false;
  }

  public static OperatorException at(Path dataDirectory, Throwable failed) {
    return new OperatorException(
        "no space left on the disk of dataDirectory '"
            + dataDirectory
            + "'; free some space, or set another dataDirectory",
        failed);
  }
}
