package org.tlsuplift.server.it.peer;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.server.it.lab.Loopback;

/**
 * One port of a mail server.
 *
 * @param mail what is spoken there
 * @param form when TLS begins there
 * @param address where it listens
 */
public record MailOrigin(Mail mail, TlsForm form, InetSocketAddress address) {
  /** Each protocol in each form, on ports that were free just now. */
  public static List<MailOrigin> onFreePorts() {
    return all(Loopback.V4, false);
  }

  /** Each protocol in each form, on the port that everybody knows. */
  public static List<MailOrigin> onKnownPorts(InetAddress address) {
    return all(address, true);
  }

  private static List<MailOrigin> all(InetAddress address, boolean known) {
    List<MailOrigin> all = new ArrayList<>();
    for (Mail mail : Mail.values()) {
      for (TlsForm form : TlsForm.values()) {
        int port = known ? mail.port(form) : Loopback.freePort(address);
        all.add(new MailOrigin(mail, form, new InetSocketAddress(address, port)));
      }
    }
    return all;
  }

  /** The name with its port, for origins on 127.0.0.1. */
  public String byName() {
    return "localhost:" + address.getPort();
  }

  public String byAddress() {
    return Loopback.text(address);
  }

  @Override
  public String toString() {
    return mail.label() + " " + form.label() + " " + byAddress();
  }
}
