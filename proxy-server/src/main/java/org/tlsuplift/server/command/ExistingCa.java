package org.tlsuplift.server.command;

import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.server.daemon.ca.CaSource;

/** Finds a certificate authority that must be there already. */
final class ExistingCa {
  private ExistingCa() {}

  static IssuingCa of(CaSource source) throws CaException, CommandFailedException {
    return source
        .find()
        .orElseThrow(
            () ->
                new CommandFailedException(
                    source.file()
                        + " does not exist; start 'tls-uplift run' once with this configuration to"
                        + " make it"));
  }
}
