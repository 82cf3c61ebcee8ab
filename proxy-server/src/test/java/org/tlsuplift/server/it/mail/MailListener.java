package org.tlsuplift.server.it.mail;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.TlsForm;

/**
 * A fixed listener of the daemon that stands for a mail origin.
 *
 * @param name its name
 * @param mail what is spoken
 * @param downstream implicit, starttls or optional
 * @param upstream when TLS begins at the origin
 * @param origin host:port
 * @param more further settings, each with a comma in front
 */
public record MailListener(
    String name, Mail mail, String downstream, TlsForm upstream, String origin, String more) {
  /** To the origin of a post office that has this form of TLS. */
  public static MailListener to(MailOrigin origin, String downstream, String suffix) {
    String name = origin.mail().label() + "-" + downstream + "-" + origin.form().label() + suffix;
    return new MailListener(name, origin.mail(), downstream, origin.form(), origin.byName(), "");
  }

  /** The same form of TLS on both sides. */
  static MailListener of(String name, Mail mail, TlsForm form, String origin) {
    return new MailListener(name, mail, form.label(), form, origin, "");
  }

  /** Serves devices that begin TLS at once, that ask for it, and that never do. */
  static MailListener plaintext(String name, Mail mail, TlsForm upstream, String origin) {
    return new MailListener(name, mail, "optional", upstream, origin, ", allowPlaintext: true");
  }

  /** Signs devices in, which begin TLS in one form, at an origin. */
  public static MailListener signingIn(TlsForm downstream, MailOrigin origin) {
    return new MailListener(
        origin.mail().label() + "-" + downstream.label(),
        origin.mail(),
        downstream.label(),
        origin.form(),
        origin.byName(),
        ", signIn: true");
  }

  /** A configuration with these listeners, which lets devices go wherever localhost is. */
  public static String yaml(TestCa trusted, MailListener... listeners) {
    return """
        listeners:
        %s
        routes:
          - {to: ["localhost:*"], action: bridge}
        upstream: {trust: "%s"}
        """
        .formatted(
            Arrays.stream(listeners).map(MailListener::line).collect(Collectors.joining("\n")),
            trusted.file());
  }

  /** Its line in the list of listeners. */
  public String line() {
    return ("  - {name: %s, bind: \"127.0.0.1:0\", accept: fixed, origin: \"%s\", profile: legacy,"
            + " protocol: %s, downstreamTls: %s, upstreamTls: %s%s}")
        .formatted(name, origin, mail.label(), downstream, upstream.label(), more);
  }

  @Override
  public String toString() {
    return name;
  }
}
