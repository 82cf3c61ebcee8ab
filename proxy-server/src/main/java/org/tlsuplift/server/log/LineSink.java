package org.tlsuplift.server.log;

import java.io.IOException;

/** Where the lines of an access log go. For one thread, except {@link #lost} and {@link #end}. */
interface LineSink extends AutoCloseable {
  void write(LogEntry entry) throws IOException;

  /** Called before lines are written after a pause. */
  default void prepare() throws IOException {}

  /** Called when no line waits. */
  default void flush() throws IOException {}

  /** The number of lines that were not written. */
  default long lost() {
    return 0;
  }

  /** Ends a blocked {@link #write} if that is possible. */
  default void end() {}

  /** What an operator checks if lines are not written. */
  String remedy();

  @Override
  void close();
}
