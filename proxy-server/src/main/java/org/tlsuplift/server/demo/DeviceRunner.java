package org.tlsuplift.server.demo;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.tlsuplift.proxy.model.HostPort;

/** Sends one request for each device, over real sockets and with BoringSSL's old TLS versions. */
final class DeviceRunner implements AutoCloseable {
  private static final int LIMIT_SECONDS = 20;
  private static final int MAX_ANSWER = 4096;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final HostPort origin;

  DeviceRunner(HostPort origin) {
    this.origin = origin;
  }

  /**
   * Performs one exchange.
   *
   * @param listener the proxy's port
   * @param trusted the only CA that the device trusts
   * @throws DemoFailedException if the exchange fails
   */
  DemoExchange run(DemoDevice device, InetSocketAddress listener, X509Certificate trusted)
      throws DemoFailedException, InterruptedException {
    CompletableFuture<DemoExchange> demoExchange = new CompletableFuture<>();
    try {
      SslContext tls = tls(device, trusted);
      new Bootstrap()
          .group(loop)
          .channel(NioSocketChannel.class)
          .resolver(NoopAddressResolverGroup.INSTANCE)
          .handler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                  if (device.wayIn() == DemoDevice.WayIn.CONNECT) {
                    channel.pipeline().addLast(new HttpProxyHandler(listener));
                  }
                  channel
                      .pipeline()
                      .addLast(tls.newHandler(channel.alloc(), origin.host(), origin.port()))
                      .addLast(new HttpClientCodec())
                      .addLast(new HttpObjectAggregator(MAX_ANSWER))
                      .addLast(new RequestHandler(device, origin, demoExchange));
                }
              })
          .connect(
              device.wayIn() == DemoDevice.WayIn.CONNECT
                  ? InetSocketAddress.createUnresolved(origin.host(), origin.port())
                  : listener)
          .addListener(
              connected -> {
                if (!connected.isSuccess()) {
                  demoExchange.completeExceptionally(connected.cause());
                }
              });
      return demoExchange.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw new DemoFailedException("the " + device.name() + " failed: " + failed.getCause());
    } catch (TimeoutException late) {
      throw new DemoFailedException(
          "the " + device.name() + " got no response in " + LIMIT_SECONDS + " s");
    } catch (SSLException unable) {
      throw new DemoFailedException(
          "the " + device.name() + " cannot speak " + device.version() + ": " + unable);
    }
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static SslContext tls(DemoDevice device, X509Certificate trusted) throws SSLException {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.OPENSSL)
        .protocols(device.version().label())
        .ciphers(List.of(device.cipherSuite()))
        .trustManager(trusted)
        .endpointIdentificationAlgorithm("HTTPS")
        .build();
  }
}
