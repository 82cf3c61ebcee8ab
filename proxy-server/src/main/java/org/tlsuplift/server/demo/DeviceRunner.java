package org.tlsuplift.server.demo;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.AgreedParameters;
import org.tlsuplift.proxy.upstream.dial.HttpFetch;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.Promises;

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
   * @throws OperatorException if the exchange fails
   */
  DemoExchange run(DemoDevice device, InetSocketAddress listener, X509Certificate trusted)
      throws OperatorException, InterruptedException {
    Promise<DemoExchange> exchange = loop.next().newPromise();
    Promise<FullHttpResponse> answer = loop.next().newPromise();
    try {
      SslHandler tls = tls(device, trusted);
      Promises.then(answer, exchange, response -> complete(exchange, device, tls, response));
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
                  channel.pipeline().addLast(tls);
                  HttpFetch.prepare(channel, MAX_ANSWER, answer);
                  tls.handshakeFuture().addListener(done -> request(channel, done, answer));
                }
              })
          .connect(
              device.wayIn() == DemoDevice.WayIn.CONNECT
                  ? InetSocketAddress.createUnresolved(origin.host(), origin.port())
                  : listener)
          .addListener(
              connected -> {
                if (!connected.isSuccess()) {
                  answer.tryFailure(connected.cause());
                }
              });
      return exchange.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw new OperatorException("the " + device.name() + " failed: " + failed.getCause());
    } catch (TimeoutException late) {
      throw new OperatorException(
          "the " + device.name() + " got no response in " + LIMIT_SECONDS + " s");
    } catch (SSLException unable) {
      throw new OperatorException(
          "the " + device.name() + " cannot speak " + device.version() + ": " + unable);
    }
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private void request(Channel channel, Future<?> handshake, Promise<FullHttpResponse> answer) {
    if (handshake.isSuccess()) {
      DefaultFullHttpRequest request =
          new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
      request.headers().set(HttpHeaderNames.HOST, origin);
      HttpFetch.send(channel, request, answer);
    }
  }

  private static void complete(
      Promise<DemoExchange> exchange,
      DemoDevice device,
      SslHandler tls,
      FullHttpResponse response) {
    if (!response.status().equals(HttpResponseStatus.OK)) {
      exchange.tryFailure(new IOException("the response is " + response.status()));
    } else {
      exchange.trySuccess(
          new DemoExchange(
              device,
              AgreedParameters.of(tls),
              OriginConnection.chain(tls).get(0),
              response.content().toString(StandardCharsets.US_ASCII)));
    }
  }

  private SslHandler tls(DemoDevice device, X509Certificate trusted) throws SSLException {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.OPENSSL)
        .protocols(device.version().label())
        .ciphers(List.of(device.cipherSuite()))
        .trustManager(trusted)
        .endpointIdentificationAlgorithm("HTTPS")
        .build()
        .newHandler(ByteBufAllocator.DEFAULT, origin.host(), origin.port());
  }
}
