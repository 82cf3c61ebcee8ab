package org.tlsuplift.server.config.warn;

import org.tlsuplift.server.config.ListenerCertificate;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.yaml.Problems;

/** Says in plain words what is weak about an antique listener. */
final class AntiqueWarnings {
  private AntiqueWarnings() {}

  static void check(String path, ListenerConfig listener, Problems problems) {
    if (listener.profile() != ListenerConfig.Profile.ANTIQUE) {
      return;
    }
    problems.warning(
        path + ".profile",
        "'antique' also speaks SSLv3, RC4, 3DES, DES and 1024-bit DHE: whoever can listen between"
            + " these devices and this machine can read and change what they send, passwords"
            + " included (POODLE for SSLv3, key stream biases for RC4, SWEET32 for 3DES; DES and"
            + " 1024-bit DHE by computing power)",
        "keep these devices on a network of their own, replace them, and remove the listener by "
            + listener.until()
            + "; the way to the origin is TLSv1.2 or later all the same");
    listener.devices().stream()
        .filter(block -> block.prefixLength() == 0)
        .forEach(
            block ->
                problems.warning(
                    path + ".devices",
                    "'" + block + "' is every address of its kind",
                    "name the few devices that need it"));
    ListenerCertificate certificate = listener.certificate();
    if (certificate != null) {
      ListenerCertificateWarnings.check(
          path + ".certificate", certificate, listener.serverNames(), problems);
    }
  }
}
