package org.tlsuplift.proxy.listener;

import io.netty.channel.Channel;
import java.util.function.Consumer;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.signin.DeviceCapabilities;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.session.OriginReply;
import org.tlsuplift.proxy.upstream.MailOrigin;
import org.tlsuplift.proxy.upstream.UndialledMailOrigin;

/** Brings an origin of mail as far as it must be while its device talks in plaintext. */
final class MailOrigins {
  private MailOrigins() {}

  /** Begins at once. */
  static MailOrigin begin(
      ListenerSpec spec,
      MailRoute route,
      MailService mail,
      HostPort target,
      SessionServices services,
      Channel device,
      SessionReport report) {
    if (spec.signIn() != null) {
      return new UndialledMailOrigin(
          device.eventLoop(),
          DeviceCapabilities.of(mail.protocol(), services.learntCapabilities().of(spec.name())));
    }
    Consumer<OriginReply> replies = reply -> report.originReplied(mail.protocol(), reply);
    return route.bridge() != null
        ? services
            .upstream()
            .prepareSecuredMail(report.caller(device), route.bridge(), mail, replies)
        : services.upstream().prepareMail(report.caller(device), target, mail, replies);
  }
}
