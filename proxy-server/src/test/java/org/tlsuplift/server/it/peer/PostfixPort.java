package org.tlsuplift.server.it.peer;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tlsuplift.server.it.lab.Loopback;

/**
 * One way into a Postfix.
 *
 * @param address where it listens
 * @param options what differs from the settings of all, as in master.cf
 */
public record PostfixPort(InetSocketAddress address, List<String> options) {
  private PostfixPort(InetSocketAddress address, String... options) {
    this(address, List.of(options));
  }

  /** Wants STARTTLS or implicit TLS, then a password. */
  static PostfixPort submission(MailOrigin origin) {
    return origin.form() == TlsForm.IMPLICIT
        ? new PostfixPort(origin.address(), "smtpd_tls_wrappermode=yes")
        : new PostfixPort(origin.address());
  }

  /** Wants STARTTLS and takes mail from everybody. */
  public static PostfixPort open() {
    return new PostfixPort(
        free(), "smtpd_relay_restrictions=reject_unauth_destination", "smtpd_sasl_auth_enable=no");
  }

  /** This port, which also judges whole messages by their sender. */
  public PostfixPort judging(String sender, String verdict) {
    return with(
        "smtpd_end_of_data_restrictions=check_sender_access,inline:{"
            + sender
            + "="
            + verdict
            + "}");
  }

  /** Wants STARTTLS and a certificate of this authority, as an inbound connector does. */
  public static PostfixPort connector(Path authority) {
    return new PostfixPort(
        free(),
        "smtpd_relay_restrictions=permit_tls_all_clientcerts,reject",
        "smtpd_sasl_auth_enable=no",
        "smtpd_tls_req_ccert=yes",
        "smtpd_tls_CAfile=" + authority);
  }

  /** Wants STARTTLS, then to know who it is; takes a bare LF for the end of a line. */
  public static PostfixPort lenient() {
    return new PostfixPort(free()).takingBareLines();
  }

  /** This port, which accepts a bare LF as the end of a line. */
  public PostfixPort takingBareLines() {
    return with("smtpd_forbid_bare_newline=no", "smtpd_forbid_unauth_pipelining=no");
  }

  /** This port, where TLS starts at once. */
  public PostfixPort implicit() {
    return with("smtpd_tls_wrappermode=yes");
  }

  /** This port at another address. */
  public PostfixPort at(InetSocketAddress other) {
    return new PostfixPort(other, options);
  }

  private PostfixPort with(String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(Arrays.asList(more));
    return new PostfixPort(address, all);
  }

  /** Knows no TLS at all. */
  public static PostfixPort withoutTls() {
    return new PostfixPort(
        free(),
        "smtpd_tls_security_level=none",
        "smtpd_sasl_auth_enable=no",
        "smtpd_relay_restrictions=reject_unauth_destination");
  }

  /** The name with its port, for ports on 127.0.0.1. */
  public String byName() {
    return "localhost:" + address.getPort();
  }

  /** Its lines in master.cf. */
  String service() {
    StringBuilder lines = new StringBuilder();
    lines.append(Loopback.text(address)).append(" inet n - n - - smtpd\n");
    for (String option : options) {
      lines.append("  -o ").append(option).append('\n');
    }
    return lines.toString();
  }

  private static InetSocketAddress free() {
    return new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
  }
}
