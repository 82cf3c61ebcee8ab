package org.tlsuplift.bench.load;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLException;

/** An origin on loopback, with TLS 1.2 only or with TLS 1.3 only. */
public final class Origin {
  public static final String CIPHER = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";

  /** What is spoken. */
  public enum Speaks {
    /** {@link OriginHandler}'s protocol, under TLS from the first byte. */
    REQUESTS,
    /** SMTP, with TLS by STARTTLS. */
    SMTP
  }

  public final LongAdder resumed = new LongAdder();

  public final LongAdder handshakes = new LongAdder();

  private final AtomicInteger helloBytes = new AtomicInteger();
  private final int port;

  private Origin(EventLoopGroup loops, Speaks speaks, SslContext tls, boolean modern)
      throws InterruptedException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 4096)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (speaks == Speaks.SMTP) {
                      channel.pipeline().addLast(new MailOriginHandler(tls, resumed, handshakes));
                    } else {
                      channel
                          .pipeline()
                          .addLast(
                              modern ? new HelloSize(helloBytes) : new FirstFlight(true, resumed),
                              tls.newHandler(channel.alloc()),
                              new OriginHandler(handshakes));
                    }
                  }
                });
    Channel bound = bootstrap.bind("127.0.0.1", 0).sync().channel();
    this.port = ((InetSocketAddress) bound.localAddress()).getPort();
    // 'localhost' may be this too; without it a proxy would first be refused. No matter if there is
    // no IPv6.
    bootstrap.bind("::1", port).awaitUninterruptibly();
  }

  /**
   * Starts one.
   *
   * @param identity the name of its certificate and key files
   * @param resumes whether it resumes sessions, by ticket and by session ID
   */
  public static Origin start(EventLoopGroup loops, Speaks speaks, String identity, boolean resumes)
      throws SSLException, InterruptedException {
    SslContext tls =
        SslContextBuilder.forServer(new File(identity + ".pem"), new File(identity + ".key"))
            .sslProvider(SslProvider.OPENSSL)
            .protocols("TLSv1.2")
            .ciphers(List.of(CIPHER))
            .build();
    OpenSslSessionContext sessions = (OpenSslSessionContext) tls.sessionContext();
    sessions.setSessionCacheEnabled(resumes);
    if (resumes) {
      sessions.setTicketKeys();
    }
    return new Origin(loops, speaks, tls, false);
  }

  /**
   * Starts one with TLS 1.3 only, which resumes nothing.
   *
   * @param identity the name of its certificate and key files
   * @param group the only one that it accepts
   */
  public static Origin start(EventLoopGroup loops, String identity, String group)
      throws SSLException, InterruptedException {
    SslContext tls =
        SslContextBuilder.forServer(new File(identity + ".pem"), new File(identity + ".key"))
            .sslProvider(SslProvider.OPENSSL)
            .protocols("TLSv1.3")
            .option(OpenSslContextOption.GROUPS, new String[] {group})
            .build();
    ((OpenSslSessionContext) tls.sessionContext()).setSessionCacheEnabled(false);
    return new Origin(loops, Speaks.REQUESTS, tls, true);
  }

  /** The size of the latest ClientHello with its record header; 0 before the first. */
  public int helloBytes() {
    return helloBytes.get();
  }

  public int port() {
    return port;
  }
}
