package org.tlsuplift.proxy.upstream.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class AddressCacheTest {
  private static final EventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  private final EventLoop loop = LOOPS.next();
  private final AddressCache cache = new AddressCache((on, name) -> {});

  @AfterAll
  static void end() {
    var unused = LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** A device may request any name below the wildcard of a route. */
  @Test
  void boundsTheNumberOfNames() {
    InetAddress address = InetAddress.getLoopbackAddress();
    for (int name = 0; name < AddressCache.MAX_NAMES; name++) {
      cache.cache(name + ".example.", null, address, 60, loop);
    }
    assertThat(cache.cache("more.example.", null, address, 60, loop).address()).isEqualTo(address);
    assertThat(cache.get("more.example.", null)).isNullOrEmpty();
    cache.cache("none.example.", null, new UnknownHostException("none.example"), loop);
    assertThat(cache.get("none.example.", null)).isNullOrEmpty();
    assertThat(cache.get("0.example.", null)).hasSize(1);
    cache.cache("0.example.", null, address, 60, loop);
    assertThat(cache.get("0.example.", null)).hasSize(1);
  }
}
