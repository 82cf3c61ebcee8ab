package org.tlsuplift.proxy.setup;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerMail;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.testing.EmbeddedParts;
import org.tlsuplift.proxy.testing.EmbeddedSocket;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.hello.ClientHelloHandler;
import org.tlsuplift.proxy.tls.hello.HelloParse;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/** A device after its route decision, and one setup in place of its session. */
public final class SetupRig implements AutoCloseable {
  public final ListenerSpec spec;
  public final EmbeddedParts parts;
  public final EmbeddedSocket device;
  public final RecordedEnd end = new RecordedEnd();

  /** The dial of the origin, which the test completes or fails. */
  final Promise<OriginConnection> dial;

  private @Nullable ClientHello hello;
  private @Nullable Setup setup;

  public SetupRig(ListenerSpec spec, CertificateSource certificates) throws Exception {
    this.spec = spec;
    this.parts = new EmbeddedParts(spec, certificates);
    this.device = parts.device;
    this.dial = device.eventLoop().newPromise();
    device.config().setAutoRead(false);
    device
        .pipeline()
        .addLast(PipelineNames.HELLO, new ClientHelloHandler())
        .addLast(PipelineNames.EVENTS, new Events());
  }

  /** A device of a listener for any origin that gets certificates of the test's CA. */
  public SetupRig() throws Exception {
    this(
        EmbeddedParts.listener(new AcceptMode.HttpConnect(), ListenerMail.NONE),
        EmbeddedParts.AUTHORITY.source());
  }

  public ClientHello hello() {
    if (hello == null) {
      throw new IllegalStateException("no ClientHello yet");
    }
    return hello;
  }

  /** Starts a setup. */
  public <T extends Setup> T start(T begun) {
    setup = begun;
    Future<Setup.Result> result = begun.start();
    result.addListener(
        done -> {
          if (done.isSuccess()) {
            end.record(result.getNow());
          }
        });
    parts.run();
    return begun;
  }

  public void deviceSays(String text) {
    deviceSays(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }

  public void deviceSays(ByteBuf bytes) {
    device.writeInbound(bytes);
    parts.run();
  }

  public void deviceLeaves() {
    var unused = device.close();
    parts.run();
  }

  /** Completes the dial, and returns the connection. */
  EmbeddedSocket connect() {
    OriginConnection origin = parts.readyOrigin();
    dial.setSuccess(origin);
    parts.run();
    return (EmbeddedSocket) origin.channel();
  }

  /** Fails the dial, because DNS does not know the origin. */
  void failDial() {
    dial.setFailure(parts.unresolved());
    parts.run();
  }

  @Override
  public void close() {
    if (setup != null) {
      setup.abandon();
    }
    dial.cancel(false);
    parts.close();
  }

  /** Passes events to a setup as the session's handler does. */
  private final class Events extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof HelloParse.Parsed parsed) {
        hello = parsed.hello();
      } else if (event instanceof SslHandshakeCompletionEvent handshake && setup != null) {
        setup.onDeviceHandshake(handshake);
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // The failed handshake reports the same error.
    }
  }
}
