package org.tlsuplift.server.it.mail;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.TlsForm;

/** A mail program whose TLS is as old as needed: it sends one letter, or fetches the only one. */
public interface MailDevice {
  /** Sends a letter or fetches it, with the account's password. It must succeed. */
  Visit visit(Way way, Account account, Letter letter);

  /** Sends a letter or fetches it, with the account's password. It may fail. */
  Run attempt(Way way, Account account, Letter letter);

  List<Mail> speaks();

  /**
   * How a device gets to an origin.
   *
   * @param mail what it speaks
   * @param form when it wants TLS to begin
   * @param listener the address of the listener, or of the origin itself
   * @param connect the origin's host:port, if the listener is an HTTP proxy, or empty
   * @param serverName what it looks for in the certificate
   * @param trusted the PEM file of the only certificate that the device trusts
   */
  record Way(
      Mail mail,
      TlsForm form,
      InetSocketAddress listener,
      String connect,
      String serverName,
      Path trusted) {
    /** To a port that stands for an origin. */
    public static Way fixed(Daemon daemon, String listener, Mail mail, TlsForm form) {
      return new Way(mail, form, daemon.listener(listener), "", "localhost", daemon.authority());
    }

    /** By {@code CONNECT} to a proxy. */
    public static Way connect(Daemon daemon, String listener, MailOrigin origin) {
      return new Way(
          origin.mail(),
          origin.form(),
          daemon.listener(listener),
          origin.byAddress(),
          origin.address().getHostString(),
          daemon.authority());
    }

    /** To an origin itself, for comparison. */
    public static Way direct(MailOrigin origin, Path trusted) {
      return new Way(origin.mail(), origin.form(), origin.address(), "", "localhost", trusted);
    }

    boolean implicit() {
      return form == TlsForm.IMPLICIT;
    }

    /** The port that it connects to, on a host that it calls {@code localhost}. */
    String port() {
      return Integer.toString(listener.getPort());
    }
  }

  /**
   * What came of it.
   *
   * @param version the agreed version, in OpenSSL's words
   * @param received what was fetched, perhaps with more around it; empty when it was sent
   * @param run the program that was the device
   * @param attempts how often it began a session, of which the last one succeeded
   */
  record Visit(String version, String received, Run run, int attempts) {
    public Visit(String version, String received, Run run) {
      this(version, received, run, 1);
    }
  }
}
