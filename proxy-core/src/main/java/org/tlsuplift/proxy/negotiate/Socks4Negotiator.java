package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.socksx.v4.DefaultSocks4CommandResponse;
import io.netty.handler.codec.socksx.v4.Socks4CommandRequest;
import io.netty.handler.codec.socksx.v4.Socks4CommandStatus;
import io.netty.handler.codec.socksx.v4.Socks4CommandType;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import org.tlsuplift.proxy.model.HostPort;

/**
 * Accepts the command CONNECT of SOCKS 4 and 4a, and refuses every other request with 0x5b.
 *
 * <p>Version 4 has only addresses; 4a also has names. Neither has passwords, so the user name
 * proves nothing and is dropped.
 */
final class Socks4Negotiator extends ChannelInboundHandlerAdapter {
  private static final NegotiationRefused MALFORMED =
      new NegotiationRefused(
          "the SOCKS request is malformed: its name is not a host name, or a field is too long",
          "correct the target in the device");

  private final TargetPolicy policy;
  private final SocksUsers users;
  private boolean refused;

  Socks4Negotiator(TargetPolicy policy, SocksUsers users) {
    this.policy = policy;
    this.users = users;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (!refused && message instanceof Socks4CommandRequest request) {
        command(ctx, request);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  /** Netty's decoder throws if a label of the name is empty, too long or invalid. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof DecoderException)) {
      ctx.fireExceptionCaught(cause);
    } else if (!refused) {
      refuse(ctx, MALFORMED);
    }
  }

  private void command(ChannelHandlerContext ctx, Socks4CommandRequest request) {
    if (request.decoderResult().isFailure()) {
      refuse(ctx, MALFORMED);
    } else if (!users.isEmpty()) {
      refuse(
          ctx,
          new NegotiationRefused(
              "SOCKS 4 has no passwords, and this listener has 'users'",
              "set SOCKS 5 in the device, or give it a listener without 'users'"));
    } else if (!request.type().equals(Socks4CommandType.CONNECT)) {
      refuse(ctx, Socks5Negotiator.otherCommand(request.type()));
    } else {
      connect(ctx, request);
    }
  }

  private void connect(ChannelHandlerContext ctx, Socks4CommandRequest request) {
    HostPort target;
    try {
      target = new HostPort(request.dstAddr(), request.dstPort());
    } catch (IllegalArgumentException invalid) {
      refuse(ctx, Socks5Negotiator.noTarget(invalid));
      return;
    }
    Optional<NegotiationRefused> refusal = policy.refusal(target);
    if (refusal.isPresent()) {
      refuse(ctx, refusal.get());
    } else {
      write(ctx, Socks4CommandStatus.SUCCESS);
      SocksVersionNegotiator.end(ctx, target);
    }
  }

  private void refuse(ChannelHandlerContext ctx, NegotiationRefused refusal) {
    refused = true;
    write(ctx, Socks4CommandStatus.REJECTED_OR_FAILED);
    ctx.fireUserEventTriggered(refusal);
  }

  private static void write(ChannelHandlerContext ctx, Socks4CommandStatus status) {
    ctx.writeAndFlush(new DefaultSocks4CommandResponse(status))
        .addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
  }
}
