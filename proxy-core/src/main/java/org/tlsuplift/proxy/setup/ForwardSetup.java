package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.negotiate.HttpResponses;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.upstream.dial.ForwardedResponse;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;

/**
 * Gives a device that has asked in plain HTTP the head of the origin's answer, or says why there is
 * none; the content is the relay's.
 */
public final class ForwardSetup implements Setup {
  private final Channel device;
  private final Callbacks callbacks;
  private final Future<ForwardedResponse> answer;
  private boolean abandoned;

  /** Sends the request at once. */
  public ForwardSetup(SessionContext context, PlainRequest request, Callbacks callbacks) {
    this(
        context.device(),
        context.services().upstream().forward(context.dialContext(), request),
        callbacks);
  }

  ForwardSetup(Channel device, Future<ForwardedResponse> answer, Callbacks callbacks) {
    this.device = device;
    this.callbacks = callbacks;
    this.answer = answer;
    device.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    device
        .pipeline()
        .addAfter(PipelineNames.HELLO, PipelineNames.HOLD, new DiscardInputHandler())
        .remove(PipelineNames.HELLO);
  }

  @Override
  public void start() {
    answer.addListener(done -> onAnswer());
  }

  private void onAnswer() {
    if (abandoned) {
      return;
    }
    if (answer.isSuccess()) {
      HttpResponses.begin(device, answer.getNow().head());
      callbacks.opened(answer.getNow().origin());
      return;
    }
    CloseReason reason = CloseReason.INTERNAL_ERROR;
    HttpResponseStatus status = HttpResponseStatus.INTERNAL_SERVER_ERROR;
    String detail = String.valueOf(answer.cause().getMessage());
    if (answer.cause() instanceof OriginUnavailableException unavailable) {
      reason = unavailable.reason();
      status = status(unavailable);
    }
    HttpResponses.refuse(device, status, detail);
    callbacks.conversationEnded(reason, detail);
  }

  private static HttpResponseStatus status(OriginUnavailableException unavailable) {
    if (unavailable.reason() == CloseReason.LOOP) {
      return HttpResponseStatus.FORBIDDEN;
    }
    return unavailable.isLate()
        ? HttpResponseStatus.GATEWAY_TIMEOUT
        : HttpResponseStatus.BAD_GATEWAY;
  }

  @Override
  public void abandon() {
    abandoned = true;
    if (!answer.cancel(false) && answer.isSuccess()) {
      var unused = answer.getNow().origin().channel().close();
    }
  }
}
