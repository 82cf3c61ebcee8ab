package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
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
  /** The right end of a line, with escapes. */
  public static final String CRLF = "\\r\\n";

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
   * Two mails, one hidden in the other.
   *
   * @param account who sends them, with its password or token
   * @param open for whom the first is
   * @param hidden for whom the second is
   * @param lines how the lines of the first end, with escapes
   * @param end what is between both, with escapes
   * @param pieces {@code whole}, or {@code bytes} for each byte by itself
   */
  public record Mails(
      Account account, Account open, Account hidden, String lines, String end, String pieces) {
    public Mails(Account account, Account open, Account hidden, String end, String pieces) {
      this(account, open, hidden, CRLF, end, pieces);
    }

    private List<String> arguments() {
      return List.of(
          account.address(),
          account.password(),
          open.address(),
          hidden.address(),
          lines,
          end,
          pieces);
    }
  }

  /** Sends both mails; must not be prevented from beginning with the data. */
  public Run send(Mails mails) {
    return send(List.of(mails)).get(0);
  }

  /** Sends each pair in its own session, all at once; returns the output of each session. */
  public List<Run> send(List<Mails> sessions) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(Peers.require("python3"), Resources.path("smuggler.py").toString()));
    command.addAll(List.of(Loopback.text(to), connect, serverName, tls, trusted.toString()));
    command.addAll(List.of(version, mechanism));
    sessions.stream().map(Mails::arguments).forEach(command::addAll);
    Run all = Run.of(command).succeeded();
    List<Run> runs =
        Pattern.compile("(?m)^session$")
            .splitAsStream(all.output())
            .skip(1)
            .map(output -> new Run(all.command(), all.exit(), output))
            .toList();
    assertThat(runs).as(all.toString()).hasSameSizeAs(sessions);
    return runs;
  }
}
