package org.tlsuplift.server.it.mail;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Resources;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.mail.MailDevice.Way;

/**
 * A device that hides a second mail in the data of a first, behind what is perhaps an end.
 *
 * @param to where it connects
 * @param connect host:port to ask an HTTP proxy there for, or empty
 * @param serverName what it looks for in the certificate
 * @param tls implicit, starttls or none
 * @param trusted the PEM file of the only certificate that it trusts
 * @param version the only version of TLS it offers, as Python names it
 * @param mechanism how it signs in: PLAIN with a password, XOAUTH2 with a token, or NONE
 */
public record Smuggler(
    InetSocketAddress to,
    String connect,
    String serverName,
    String tls,
    Path trusted,
    String version,
    String mechanism) {
  /** To a port, with STARTTLS. */
  public static Smuggler startTls(
      InetSocketAddress to, Path trusted, String version, String mechanism) {
    return new Smuggler(to, "", "localhost", "starttls", trusted, version, mechanism);
  }

  /** Gets to an origin as a device of TLS 1.0 does that does not sign in. */
  public static Smuggler of(Way way) {
    return new Smuggler(
        way.listener(),
        way.connect(),
        way.serverName(),
        way.form().label(),
        way.trusted(),
        "TLSv1",
        "NONE");
  }

  public Smuggler withoutTls() {
    return new Smuggler(to, connect, serverName, "none", trusted, version, mechanism);
  }

  public Smuggler signingIn(String how) {
    return new Smuggler(to, connect, serverName, tls, trusted, version, how);
  }

  /**
   * Sends both mails, each to an account; must not be prevented from beginning with the data.
   *
   * @param account who it is, with its password or token
   * @param open for whom the first is
   * @param hidden for whom the second is
   * @param end what is between both, with escapes
   * @param pieces {@code whole}, or {@code bytes} for each byte by itself
   */
  public Run send(Account account, Account open, Account hidden, String end, String pieces) {
    return send(account, open, hidden, "\\r\\n", end, pieces);
  }

  /**
   * The same.
   *
   * @param lines how the lines of the first end, with escapes
   */
  public Run send(
      Account account, Account open, Account hidden, String lines, String end, String pieces) {
    return Run.of(
            List.of(
                Peers.require("python3"),
                Resources.path("smuggler.py").toString(),
                Loopback.text(to),
                connect,
                serverName,
                tls,
                trusted.toString(),
                version,
                mechanism,
                account.address(),
                account.password(),
                open.address(),
                hidden.address(),
                lines,
                end,
                pieces))
        .succeeded();
  }
}
