package org.tlsuplift.proxy.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Tries io_uring by a connection on loopback: accept, connect, and bytes and an end in both
 * directions. A container or a security policy may forbid only a part of it.
 *
 * <p>To report: "IoUring.isAvailable opens a ring, but does not try an operation: where a policy
 * forbids io_uring_enter or an operation, it returns true, and connections hang or event loops
 * end." Delete when it returns false there.
 */
public final class UringProbe {
  /** The timeout of each attempt. */
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private static final int ATTEMPTS = 3;

  /** More than one read of a socket. */
  private static final int BYTES = 200_000;

  private final CompletableFuture<Void> result = new CompletableFuture<>();
  private final GenericFutureListener<Future<Object>> failure =
      done -> {
        if (!done.isSuccess()) {
          result.completeExceptionally(done.cause());
        }
      };

  /** Used by one event loop only. */
  private int endsMissing = 2;

  private UringProbe() {}

  /**
   * Makes up to three attempts. Blocks; not for event loops.
   *
   * @param loops opens a ring
   * @param servers makes listening channels for the loopback address
   * @return the reason if io_uring does not work here; empty if it does
   */
  public static Optional<Throwable> failure(
      Supplier<EventLoopGroup> loops, ChannelFactory<ServerSocketChannel> servers) {
    return IoUring.isAvailable()
        ? lastFailure(() -> attempt(loops, servers))
        : Optional.of(IoUring.unavailabilityCause());
  }

  /** Tries again after a failure, because a busy machine may be late or short of memory. */
  static Optional<Throwable> lastFailure(Supplier<Optional<Throwable>> attempt) {
    Optional<Throwable> failure = attempt.get();
    for (int tries = 1; failure.isPresent() && tries < ATTEMPTS; tries++) {
      failure = attempt.get();
    }
    return failure;
  }

  /**
   * The failure of one attempt, if it fails.
   *
   * @param loops opens a ring; its thread ends, and rejects all tasks, if the ring fails
   */
  static Optional<Throwable> attempt(
      Supplier<EventLoopGroup> loops, ChannelFactory<ServerSocketChannel> servers) {
    try {
      return outcome(loops.get(), servers);
    } catch (RuntimeException refused) {
      return Optional.of(refused);
    }
  }

  private static Optional<Throwable> outcome(
      EventLoopGroup loop, ChannelFactory<ServerSocketChannel> servers) {
    try {
      new UringProbe().exchange(loop, servers).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return Optional.empty();
    } catch (TimeoutException stuck) {
      return Optional.of(
          new TimeoutException(
              "a connection on loopback took more than " + LIMIT.toSeconds() + " s"));
    } catch (ExecutionException failed) {
      return Optional.of(failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return Optional.of(stopped);
    } finally {
      var unused = loop.shutdownGracefully(0, LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private CompletableFuture<Void> exchange(
      EventLoopGroup loop, ChannelFactory<ServerSocketChannel> servers) {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(servers)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(new Side())
            .bind(new InetSocketAddress(loopback, 0));
    bound.addListener(failure);
    bound.addListener(
        done -> {
          if (done.isSuccess()) {
            connect(loop, (InetSocketAddress) bound.channel().localAddress());
          }
        });
    return result;
  }

  private void connect(EventLoopGroup loop, InetSocketAddress address) {
    new Bootstrap()
        .group(loop)
        .channel(IoUringSocketChannel.class)
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .handler(new Side())
        .connect(address)
        .addListener(failure);
  }

  /** Sends all bytes and an end, and waits for those of the other side. */
  private final class Side extends SimpleChannelInboundHandler<ByteBuf> {
    private int received;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.writeAndFlush(ctx.alloc().buffer(BYTES).writeZero(BYTES))
          .addListener(
              sent -> ((SocketChannel) ctx.channel()).shutdownOutput().addListener(failure))
          .addListener(failure);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
      received += bytes.readableBytes();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event != ChannelInputShutdownEvent.INSTANCE) {
        return;
      }
      if (received != BYTES) {
        result.completeExceptionally(
            new IllegalStateException("%d of %d bytes arrived".formatted(received, BYTES)));
      } else if (--endsMissing == 0) {
        result.complete(null);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      result.completeExceptionally(cause);
    }
  }
}
