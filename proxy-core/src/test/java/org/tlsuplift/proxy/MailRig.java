package org.tlsuplift.proxy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** A mail proxy and its origins on loopback, for one test. All have the name localhost. */
final class MailRig implements AutoCloseable {
  static final String TLS_1_0 = "TLSv1";
  static final String TLS_1_2 = "TLSv1.2";

  static final TestAuthority OWN = TestAuthority.create();
  static final TestAuthority ORIGINS = TestAuthority.create();

  /** For devices that trust the proxy. */
  static final SSLContext TRUSTING = OWN.trusting();

  /** For origins that the proxy trusts. */
  static final SSLContext SERVING = ORIGINS.serving("localhost");

  final Uplift.Settings settings = new Uplift.Settings();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  Uplift start(MailService mail, HostPort origin) {
    settings.mail = mail;
    settings.fixed = List.of(origin);
    return add(new Uplift(settings, OWN, ORIGINS));
  }

  /** Registers a resource; resources are closed in reverse order. */
  <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    return resource;
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }
}
