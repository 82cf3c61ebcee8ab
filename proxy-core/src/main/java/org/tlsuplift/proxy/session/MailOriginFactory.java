package org.tlsuplift.proxy.session;

import io.netty.channel.Channel;
import java.util.function.Consumer;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.proxy.signin.dialogue.DeviceCapabilities;
import org.tlsuplift.proxy.upstream.mail.DeferredMailOrigin;
import org.tlsuplift.proxy.upstream.mail.MailOrigin;

/** Brings an origin of mail as far as it must be while its device talks in plaintext. */
final class MailOriginFactory {
  private MailOriginFactory() {}

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
      return new DeferredMailOrigin(
          device.eventLoop(),
          DeviceCapabilities.of(mail.protocol(), services.learntCapabilities().of(spec.name())));
    }
    Consumer<OriginReply> replies = reply -> report.originReplied(mail.protocol(), reply);
    return route.bridge() != null
        ? services
            .upstream()
            .prepareSecuredMail(report.dialContext(device), route.bridge(), mail, replies)
        : services.upstream().prepareMail(report.dialContext(device), target, mail, replies);
  }
}
