package org.tlsuplift.server.config.binding;

/** A section of a listener's {@code mail} with rules about that listener. */
public interface OfListener {
  /** Reports the problems, after all keys of the configuration have been read. */
  void check(Surroundings at, Problems problems);

  /**
   * What surrounds the section.
   *
   * @param listener the path of the listener, such as {@code listeners[0]}
   * @param mail the path of the section {@code mail}, which may be that of all listeners
   * @param fixed whether the listener has a fixed origin
   * @param signIn whether devices sign in there
   * @param needsKeyFile whether there is a database of several instances without {@code keyFile}
   */
  record Surroundings(
      String listener,
      String mail,
      String name,
      boolean fixed,
      boolean signIn,
      boolean needsKeyFile) {}
}
