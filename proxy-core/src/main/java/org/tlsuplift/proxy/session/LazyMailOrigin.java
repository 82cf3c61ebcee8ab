package org.tlsuplift.proxy.session;

import io.netty.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.signin.dialogue.DeviceCapabilities;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.mail.DeferredMailOrigin;
import org.tlsuplift.proxy.upstream.mail.MailOrigin;

/**
 * Dials the origin of a mail device in plaintext, at the first step that needs it. Runs on the
 * session's event loop.
 */
final class LazyMailOrigin {
  private final SessionContext context;
  private final MailRoute route;
  private final MailService mail;
  private final HostPort target;
  private @Nullable MailOrigin origin;
  private boolean abandoned;

  LazyMailOrigin(SessionContext context, MailRoute route, MailService mail, HostPort target) {
    this.context = context;
    this.route = route;
    this.mail = mail;
    this.target = target;
  }

  /** Returns the origin. The first call dials it. */
  MailOrigin get() {
    if (origin == null) {
      origin = dial();
    }
    return origin;
  }

  private MailOrigin dial() {
    if (context.spec().signIn() != null) {
      return new DeferredMailOrigin(
          context.device().eventLoop(),
          DeviceCapabilities.of(
              mail.protocol(), context.services().learntCapabilities().of(context.spec().name())));
    }
    UpstreamConnector upstream = context.services().upstream();
    DialContext caller = context.dialContext();
    Consumer<OriginReply> replies = reply -> context.report().originReplied(mail.protocol(), reply);
    return route.bridge() != null
        ? upstream.prepareSecuredMail(caller, route.bridge(), mail, replies)
        : upstream.prepareMail(caller, target, mail, replies);
  }

  /** Calls {@code next} or {@code failed} when the step ends, but not after {@link #abandon}. */
  <T> void whenDone(Future<T> step, Runnable next, Consumer<Throwable> failed) {
    step.addListener(
        done -> {
          if (abandoned) {
            return;
          }
          if (step.isSuccess()) {
            next.run();
          } else {
            failed.accept(step.cause());
          }
        });
  }

  /** Suppresses later callbacks and closes the connections that were opened. */
  void abandon() {
    abandoned = true;
    if (origin != null) {
      origin.close();
    }
  }
}
