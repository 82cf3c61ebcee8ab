package org.tlsuplift.proxy.setup.signin;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SignInOutcome;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.signin.Credential;
import org.tlsuplift.proxy.signin.SignInRequest;

/** One sign-in of a device, however it ends, with its report. Lives on the session's event loop. */
final class SignInAttempt {
  private final MailProtocol protocol;
  private final boolean byAddress;
  private final SessionReport report;
  private final Consumer<SignInResult> callback;
  private final SignInSteps steps;
  private final long startedNanos = System.nanoTime();

  /**
   * Nothing happens before {@link #start}.
   *
   * @param credential what the device signs in with, or null when it goes by its address
   * @param callback is told the end, which has been reported by then, unless it is abandoned first
   */
  SignInAttempt(
      SignInSetup.Plan plan,
      String listenerName,
      SessionServices services,
      Channel device,
      SessionReport report,
      @Nullable Credential credential,
      Consumer<SignInResult> callback) {
    this.protocol = plan.mail().protocol();
    this.byAddress = credential == null;
    this.report = report;
    this.callback = callback;
    this.steps =
        new SignInSteps(
            plan.signIn(),
            new SignInRequest(listenerName, report.device().getAddress(), protocol, credential),
            device.eventLoop(),
            new OriginSignIn(plan.mail(), plan.bridge(), services, device, report),
            this::onEnd);
  }

  /** Begins; once. */
  void start() {
    steps.start();
  }

  /** Gives up; reported as the device's doing. */
  void abandon() {
    tell(SignInOutcome.ABANDONED, steps.mailbox(), "");
    steps.abandon();
  }

  private void onEnd(SignInResult end) {
    if (end instanceof SignInResult.Granted granted) {
      tell(SignInOutcome.SIGNED_IN, granted.account().mailbox(), "");
    } else if (end instanceof SignInResult.Failed failed) {
      tell(failed.outcome(), failed.mailbox(), failed.detail());
    } else {
      throw new UnhandledVariantException(end);
    }
    callback.accept(end);
  }

  private void tell(SignInOutcome outcome, @Nullable String mailbox, String detail) {
    report.signedIn(
        new DeviceSignIn(
            protocol,
            outcome,
            mailbox,
            byAddress,
            Duration.ofNanos(System.nanoTime() - startedNanos),
            detail));
  }
}
