package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.socksx.SocksMessage;
import io.netty.handler.codec.socksx.v4.DefaultSocks4CommandResponse;
import io.netty.handler.codec.socksx.v4.Socks4CommandRequest;
import io.netty.handler.codec.socksx.v4.Socks4CommandStatus;
import io.netty.handler.codec.socksx.v4.Socks4CommandType;
import io.netty.handler.codec.socksx.v4.Socks4ServerDecoder;
import io.netty.handler.codec.socksx.v5.DefaultSocks5CommandResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5InitialResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5PasswordAuthResponse;
import io.netty.handler.codec.socksx.v5.Socks5AddressType;
import io.netty.handler.codec.socksx.v5.Socks5AuthMethod;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequest;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.handler.codec.socksx.v5.Socks5CommandType;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequest;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequest;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthStatus;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;

/**
 * Accepts the command CONNECT of SOCKS 5 (RFC 1928), 4 and 4a, and refuses every other request with
 * its reply code, which is always 0x5b in version 4.
 *
 * <p>Version 4 has only addresses; 4a also has names. Neither has passwords, so the user name
 * proves nothing and is dropped.
 *
 * <p>Replies "succeeded" before the origin is dialled, because the device sends its ClientHello,
 * which decides the route, only after the reply.
 */
final class SocksNegotiator extends ChannelInboundHandlerAdapter {
  private static final NegotiationRefused MALFORMED_4 =
      new NegotiationRefused(
          "the SOCKS request is malformed: its name is not a host name, or a field is too long",
          "correct the target in the device");

  private final TargetPolicy policy;
  private final SocksUsers users;
  private boolean refused;

  SocksNegotiator(TargetPolicy policy, SocksUsers users) {
    this.policy = policy;
    this.users = users;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (!refused && message instanceof Socks5InitialRequest request) {
        greet(ctx, request);
      } else if (!refused && message instanceof Socks5PasswordAuthRequest request) {
        authenticate(ctx, request);
      } else if (!refused && message instanceof Socks5CommandRequest request) {
        command(ctx, request);
      } else if (!refused && message instanceof Socks4CommandRequest request) {
        command(ctx, request);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  /** Netty's decoder of version 4 throws if a label of the name is empty, too long or invalid. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof DecoderException)
        || !(ctx.pipeline().get(SocksVersionNegotiator.DECODER) instanceof Socks4ServerDecoder)) {
      ctx.fireExceptionCaught(cause);
    } else if (!refused) {
      refuse(ctx, status4(Socks5CommandStatus.FAILURE), MALFORMED_4);
    }
  }

  private void greet(ChannelHandlerContext ctx, Socks5InitialRequest request) {
    Socks5AuthMethod wanted =
        users.isEmpty() ? Socks5AuthMethod.NO_AUTH : Socks5AuthMethod.PASSWORD;
    boolean readable = request.decoderResult().isSuccess();
    if (readable && request.authMethods().contains(wanted)) {
      write(ctx, new DefaultSocks5InitialResponse(wanted));
      next(ctx, users.isEmpty() ? commandDecoder() : new Socks5PasswordAuthRequestDecoder());
      return;
    }
    refuse(
        ctx,
        new DefaultSocks5InitialResponse(Socks5AuthMethod.UNACCEPTED),
        signInRefusal(readable));
  }

  private NegotiationRefused signInRefusal(boolean readable) {
    if (!readable) {
      return new NegotiationRefused("the SOCKS greeting is malformed", "update the device");
    }
    return users.isEmpty()
        ? new NegotiationRefused(
            "the device insists on signing in, and this listener has no 'users'",
            "remove user name and password from the device, or add 'users'")
        : new NegotiationRefused(
            "the device does not offer sign-in, and this listener has 'users'",
            "set the name and password of one of the listener's 'users' in the device");
  }

  private void authenticate(ChannelHandlerContext ctx, Socks5PasswordAuthRequest request) {
    if (request.decoderResult().isSuccess()
        && users.admits(request.username(), request.password())) {
      ctx.fireUserEventTriggered(new SocksUsers.User(request.username(), users));
      write(ctx, new DefaultSocks5PasswordAuthResponse(Socks5PasswordAuthStatus.SUCCESS));
      next(ctx, commandDecoder());
      return;
    }
    // The message omits the name, because people type passwords into the wrong field.
    refuse(
        ctx,
        new DefaultSocks5PasswordAuthResponse(Socks5PasswordAuthStatus.FAILURE),
        new NegotiationRefused(
            "user name or password is wrong",
            "compare them in the device with the listener's 'users'"));
  }

  private void command(ChannelHandlerContext ctx, Socks5CommandRequest request) {
    if (request.decoderResult().isFailure()) {
      refuseUnreadable(ctx, request.decoderResult().cause());
      return;
    }
    boolean connects = request.type().equals(Socks5CommandType.CONNECT);
    command(
        ctx,
        connects ? null : request.type(),
        request.dstAddr(),
        request.dstPort(),
        SocksNegotiator::status);
  }

  private void command(ChannelHandlerContext ctx, Socks4CommandRequest request) {
    if (request.decoderResult().isFailure()) {
      refuse(ctx, status4(Socks5CommandStatus.FAILURE), MALFORMED_4);
    } else if (!users.isEmpty()) {
      refuse(
          ctx,
          status4(Socks5CommandStatus.FAILURE),
          new NegotiationRefused(
              "SOCKS 4 has no passwords, and this listener has 'users'",
              "set SOCKS 5 in the device, or give it a listener without 'users'"));
    } else {
      boolean connects = request.type().equals(Socks4CommandType.CONNECT);
      command(
          ctx,
          connects ? null : request.type(),
          request.dstAddr(),
          request.dstPort(),
          SocksNegotiator::status4);
    }
  }

  /**
   * @param other the command, if it is not CONNECT
   * @param replies in the version of the device
   */
  private void command(
      ChannelHandlerContext ctx,
      @Nullable Object other,
      String host,
      int port,
      Function<Socks5CommandStatus, SocksMessage> replies) {
    if (other != null) {
      refuse(
          ctx,
          replies.apply(Socks5CommandStatus.COMMAND_UNSUPPORTED),
          new NegotiationRefused(
              "the device sent the SOCKS command " + other + ", and only CONNECT is supported",
              "set the device to use only connections over TCP"));
      return;
    }
    HostPort target;
    try {
      target = new HostPort(host, port);
    } catch (IllegalArgumentException invalid) {
      refuse(
          ctx,
          replies.apply(Socks5CommandStatus.FAILURE),
          new NegotiationRefused(
              "the target in the SOCKS request is not a valid host and port: "
                  + invalid.getMessage(),
              "correct the target in the device"));
      return;
    }
    Optional<NegotiationRefused> refusal = policy.refusal(target);
    if (refusal.isPresent()) {
      refuse(ctx, replies.apply(Socks5CommandStatus.FORBIDDEN), refusal.get());
    } else {
      write(ctx, replies.apply(Socks5CommandStatus.SUCCESS));
      SocksVersionNegotiator.end(ctx, target);
    }
  }

  private void refuseUnreadable(ChannelHandlerContext ctx, @Nullable Throwable cause) {
    if (cause instanceof KnownAddresses.UnknownTypeException unknown) {
      refuse(
          ctx,
          status(Socks5CommandStatus.ADDRESS_UNSUPPORTED),
          new NegotiationRefused(
              String.valueOf(unknown.getMessage()), "correct the target in the device"));
    } else {
      refuse(
          ctx,
          status(Socks5CommandStatus.FAILURE),
          new NegotiationRefused(
              "the SOCKS request is malformed, or its name is not a host name",
              "correct the target in the device"));
    }
  }

  private static ByteToMessageDecoder commandDecoder() {
    return new Socks5CommandRequestDecoder(new KnownAddresses());
  }

  /** Replaces the decoder, which hands over the bytes of the next message. */
  private static void next(ChannelHandlerContext ctx, ByteToMessageDecoder decoder) {
    ctx.pipeline().replace(SocksVersionNegotiator.DECODER, SocksVersionNegotiator.DECODER, decoder);
  }

  /** The bound address is all zero: it is not known yet, and it is private. */
  private static SocksMessage status(Socks5CommandStatus status) {
    return new DefaultSocks5CommandResponse(status, Socks5AddressType.IPv4);
  }

  private static SocksMessage status4(Socks5CommandStatus status) {
    return new DefaultSocks4CommandResponse(
        status.equals(Socks5CommandStatus.SUCCESS)
            ? Socks4CommandStatus.SUCCESS
            : Socks4CommandStatus.REJECTED_OR_FAILED);
  }

  private void refuse(ChannelHandlerContext ctx, SocksMessage reply, NegotiationRefused refusal) {
    refused = true;
    write(ctx, reply);
    ctx.fireUserEventTriggered(refusal);
  }

  private static void write(ChannelHandlerContext ctx, SocksMessage reply) {
    ctx.writeAndFlush(reply).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
  }
}
