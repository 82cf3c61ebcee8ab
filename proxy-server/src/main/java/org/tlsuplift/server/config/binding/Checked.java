package org.tlsuplift.server.config.binding;

/** A record of the configuration with rules over several keys. */
public interface Checked {
  /**
   * Reports the problems. Called once, by the {@link Binder}, also if a key has a problem already:
   * a required component may then be null, so ask {@link Section#clean} first.
   */
  void check(Section section);
}
