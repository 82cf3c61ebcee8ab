package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import javax.net.ssl.SSLContext;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.SignInDesk;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.testing.XoauthOrigin;

/** A proxy that signs devices in at an origin, for one test. */
final class SignInRig implements AutoCloseable {
  final SignInDesk desk = new SignInDesk();
  private final MailRig mail = new MailRig();

  /** The settings, to be changed before the proxy starts. */
  Uplift.Settings settings() {
    return mail.settings;
  }

  XoauthOrigin origin(MailProtocol protocol, OriginTls tls) {
    return origin(protocol, tls, MailRig.SERVING);
  }

  /** An origin with this certificate. */
  XoauthOrigin origin(MailProtocol protocol, OriginTls tls, SSLContext serving) {
    return mail.add(new XoauthOrigin(protocol, tls, serving));
  }

  /** Starts the proxy for devices that start TLS in this way, unless plaintext is allowed. */
  Uplift start(DeviceTls deviceTls, boolean allowPlaintext, XoauthOrigin origin) {
    settings().signIn = desk.signIn();
    return mail.start(
        new MailService(origin.protocol(), deviceTls, origin.tls(), allowPlaintext),
        origin.as("localhost"));
  }

  /** A greeted device, with TLS 1.0 if the listener requires TLS before sign-in. */
  MailTalk device(Uplift uplift, MailProtocol protocol, DeviceTls tls) throws IOException {
    boolean implicit = tls == DeviceTls.IMPLICIT;
    MailTalk device =
        implicit
            ? MailTalk.tls(uplift.fixed(), "localhost", MailRig.TRUSTING, MailRig.TLS_1_0)
            : MailTalk.to(uplift.fixed());
    assertThat(device.hear())
        .startsWith(
            switch (protocol) {
              case SMTP -> "220 localhost ";
              case IMAP -> "* OK ";
              case POP3 -> "+OK ";
            });
    if (!implicit) {
      askForTls(device, protocol);
      device.startTls("localhost", MailRig.TRUSTING, MailRig.TLS_1_0);
    }
    return device;
  }

  private static void askForTls(MailTalk device, MailProtocol protocol) throws IOException {
    switch (protocol) {
      case SMTP -> {
        assertThat(device.askUntil("EHLO printer", "250 ")).doesNotContain("AUTH");
        assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD)))
            .startsWith("530 5.7.0 Must issue a STARTTLS");
        assertThat(device.ask("STARTTLS")).startsWith("220 ");
      }
      case IMAP -> {
        assertThat(device.ask("s0 LOGIN a b")).startsWith("s0 NO [PRIVACYREQUIRED]");
        assertThat(device.ask("s1 STARTTLS")).startsWith("s1 OK ");
      }
      case POP3 -> {
        assertThat(device.ask("USER a")).startsWith("-ERR ");
        assertThat(device.ask("STLS")).startsWith("+OK ");
      }
    }
  }

  @Override
  public void close() throws Exception {
    mail.close();
  }
}
