package org.tlsuplift.server.it.peer;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Loopback;

/**
 * One origin that nginx serves.
 *
 * @param address where it listens, on a port that was free
 * @param protocols what it agrees to, as nginx says it
 * @param ciphers its only suites, as OpenSSL says it
 * @param identity what it shows
 * @param plain where it also listens without TLS
 */
public record Site(
    InetSocketAddress address,
    String protocols,
    String ciphers,
    Identity identity,
    Optional<InetSocketAddress> plain) {
  private static final String SUITE_1_2 = "ECDHE-RSA-AES256-GCM-SHA384";
  private static final String SUITE_1_3 = "TLS_AES_256_GCM_SHA384";

  /** TLS 1.2 only, with one suite. */
  public static Site tls12(InetAddress on, Identity identity) {
    return site(on, "TLSv1.2", "ssl_ciphers " + SUITE_1_2 + ";", identity);
  }

  /** TLS 1.2 only, with one suite, on this address and port. */
  public static Site tls12(InetSocketAddress at, Identity identity) {
    return new Site(at, "TLSv1.2", "ssl_ciphers " + SUITE_1_2 + ";", identity, Optional.empty());
  }

  /** TLS 1.3 only, with one suite. */
  public static Site tls13(InetAddress on, Identity identity) {
    return site(on, "TLSv1.3", "ssl_conf_command Ciphersuites " + SUITE_1_3 + ";", identity);
  }

  /** TLS 1.1 only: what must never be spoken to. */
  public static Site tls11(InetAddress on, Identity identity) {
    return site(on, "TLSv1.1", "ssl_ciphers ALL:@SECLEVEL=0;", identity);
  }

  private static Site site(InetAddress on, String protocols, String ciphers, Identity identity) {
    return new Site(freeAddress(on), protocols, ciphers, identity, Optional.empty());
  }

  /** This site with another port without TLS. */
  public Site andPlain() {
    return new Site(
        address, protocols, ciphers, identity, Optional.of(freeAddress(address.getAddress())));
  }

  private static InetSocketAddress freeAddress(InetAddress on) {
    return new InetSocketAddress(on, Loopback.freePort(on));
  }

  public int port() {
    return address.getPort();
  }

  /** The address with its port, as a device would ask for it. */
  public String byAddress() {
    return Loopback.text(address);
  }

  /** The name with its port, as a device would ask for it. */
  public String byName() {
    return "localhost:" + port();
  }

  /** What the origin answers to a device that was let through: its own side of the agreement. */
  public String answer(String serverName) {
    String suite = protocols.equals("TLSv1.3") ? SUITE_1_3 : SUITE_1_2;
    return "origin: " + protocols + " " + suite + " " + serverName + ".";
  }

  @Override
  public String toString() {
    return "nginx " + protocols + " on " + byAddress();
  }
}
