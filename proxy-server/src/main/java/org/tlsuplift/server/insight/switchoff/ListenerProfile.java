package org.tlsuplift.server.insight.switchoff;

/**
 * A listener of the configuration.
 *
 * @param name its name
 * @param profile which TLS its devices may speak: {@code modern}, {@code legacy} or {@code antique}
 */
public record ListenerProfile(String name, String profile) {
  /** Whether there is nothing left to switch off. */
  public boolean isModern() {
    return profile.equals("modern");
  }
}
