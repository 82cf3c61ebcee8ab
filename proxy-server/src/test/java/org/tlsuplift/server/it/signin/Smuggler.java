package org.tlsuplift.server.it.signin;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Resources;
import org.tlsuplift.server.it.lab.Run;

/**
 * A device that hides a second mail in the data of a first, behind what is perhaps an end.
 *
 * @param to where it connects, as localhost
 * @param trusted the PEM file of the only certificate that it trusts
 * @param version the only version of TLS it offers, as Python names it
 * @param mechanism how it signs in: PLAIN with a password, or XOAUTH2 with a token
 */
record Smuggler(InetSocketAddress to, Path trusted, String version, String mechanism) {
  /**
   * Sends both mails, each to an account; must not be prevented from beginning with the data.
   *
   * @param account who it is, with its password or token
   * @param open for whom the first is
   * @param hidden for whom the second is
   * @param end what is between both, with escapes
   * @param pieces {@code whole}, or {@code bytes} for each byte by itself
   */
  Run send(Account account, Account open, Account hidden, String end, String pieces) {
    return Run.of(
            List.of(
                Peers.require("python3"),
                Resources.path("smuggler.py").toString(),
                Integer.toString(to.getPort()),
                trusted.toString(),
                version,
                mechanism,
                account.address(),
                account.password(),
                open.address(),
                hidden.address(),
                end,
                pieces))
        .succeeded();
  }
}
