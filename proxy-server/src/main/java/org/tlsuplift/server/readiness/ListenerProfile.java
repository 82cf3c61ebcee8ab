package org.tlsuplift.server.readiness;

/**
 * A listener of the configuration.
 *
 * @param name the listener's name
 * @param profile the TLS profile: {@code modern}, {@code legacy} or {@code antique}
 */
public record ListenerProfile(String name, String profile) {
  /** Whether old TLS is switched off already. */
  public boolean isModern() {
    return profile.equals("modern");
  }
}
