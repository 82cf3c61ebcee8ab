package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.negotiate.HttpResponses;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.relay.InputDone;
import org.tlsuplift.proxy.relay.ResponseEnd;
import org.tlsuplift.proxy.upstream.dial.ForwardedResponse;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;

/**
 * Forwards a plain HTTP request and sends the device the head of the origin's response, or an error
 * response. The relay carries the content.
 */
public final class ForwardSetup implements Setup {
  private final Channel device;
  private final boolean toHead;
  private final Supplier<Future<ForwardedResponse>> request;
  private final Promise<Result> result;
  private @Nullable Future<ForwardedResponse> answer;

  public ForwardSetup(SessionContext context, PlainRequest request) {
    this(
        context.device(),
        request.message().method().equals(HttpMethod.HEAD),
        () -> context.services().upstream().forward(context.dialContext(), request));
  }

  /**
   * Creates a setup for any request.
   *
   * @param toHead whether the request is HEAD
   * @param request sends the request
   */
  ForwardSetup(Channel device, boolean toHead, Supplier<Future<ForwardedResponse>> request) {
    this.device = device;
    this.toHead = toHead;
    this.request = request;
    this.result = device.eventLoop().newPromise();
  }

  @Override
  public Future<Result> start() {
    Future<ForwardedResponse> sent = request.get();
    answer = sent;
    device.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    device
        .pipeline()
        .addAfter(PipelineNames.HELLO, PipelineNames.HOLD, new DiscardInputHandler())
        .remove(PipelineNames.HELLO);
    sent.addListener(done -> onAnswer(sent));
    return result;
  }

  private void onAnswer(Future<ForwardedResponse> sent) {
    if (result.isDone()) {
      return;
    }
    if (sent.isSuccess()) {
      HttpResponse head = sent.getNow().head();
      HttpResponses.begin(device, head);
      device
          .pipeline()
          .addBefore(PipelineNames.HOLD, PipelineNames.RESPONSE, ResponseEnd.of(head, toHead));
      result.setSuccess(new Result.Opened(sent.getNow().origin()));
      return;
    }
    CloseReason reason = CloseReason.INTERNAL_ERROR;
    HttpResponseStatus status = HttpResponseStatus.INTERNAL_SERVER_ERROR;
    if (sent.cause() instanceof OriginUnavailableException unavailable) {
      reason = unavailable.reason();
      status = status(unavailable);
    }
    HttpResponses.refuse(device, status, String.valueOf(sent.cause().getMessage()));
    result.setSuccess(new Result.Ended(reason, SessionReporter.explanation(sent.cause()), true));
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
    result.cancel(false);
    if (answer != null && !answer.cancel(false) && answer.isSuccess()) {
      var unused = answer.getNow().origin().channel().close();
    }
  }

  /**
   * Discards the device's input after its one request. After its removal, the relay discards the
   * input, which {@link InputDone} requests.
   */
  private static final class DiscardInputHandler extends ChannelInboundHandlerAdapter {
    private boolean ended;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        // HTTP/1.0 devices may shut down their output after the request and wait for the response.
        ended = true;
      } else {
        ctx.fireUserEventTriggered(event);
      }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
      ctx.fireUserEventTriggered(InputDone.INSTANCE);
      if (ended) {
        ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      }
    }
  }
}
