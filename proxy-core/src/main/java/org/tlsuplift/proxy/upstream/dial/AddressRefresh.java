package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DefaultDnsCache;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsCacheEntry;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.upstream.dial.AddressCache.Answer;

/**
 * Resolves names again for an {@link AddressCache}, which meanwhile returns what it has. If a query
 * fails, the addresses stay until they end. Thread-safe.
 */
final class AddressRefresh implements AutoCloseable {
  private final NewAnswers answers = new NewAnswers();
  private final AddressCache cache = new AddressCache(this::begin);
  private final DnsAddressResolverGroup resolvers;
  private volatile boolean closed;

  AddressRefresh(DnsNameResolverBuilder builder) {
    resolvers = new DnsAddressResolverGroup(builder.copy().resolveCache(answers));
  }

  AddressCache cache() {
    return cache;
  }

  private void begin(EventLoop loop, String name) {
    if (closed || loop.isShuttingDown()) {
      return;
    }
    resolvers
        .getResolver(loop)
        .resolveAll(InetSocketAddress.createUnresolved(name, 0))
        .addListener(
            done -> {
              List<Answer> taken = answers.take(name);
              if (done.isSuccess() && !taken.isEmpty()) {
                cache.replace(name, taken, loop);
              }
            });
  }

  @Override
  public void close() {
    closed = true;
    resolvers.close();
  }

  /** Keeps what a query returns until it is taken, and answers no query. */
  private static final class NewAnswers extends DefaultDnsCache {
    private final Map<String, List<Answer>> byName = new ConcurrentHashMap<>();

    NewAnswers() {
      super(0, 0, 0);
    }

    List<Answer> take(String name) {
      List<Answer> taken = byName.remove(name);
      return taken == null ? List.of() : taken;
    }

    @Override
    public DnsCacheEntry cache(
        String hostname,
        DnsRecord @Nullable [] additionals,
        InetAddress address,
        long originalTtl,
        EventLoop loop) {
      byName
          .computeIfAbsent(AddressCache.absolute(hostname), name -> new CopyOnWriteArrayList<>())
          .add(new Answer(address, originalTtl));
      return super.cache(hostname, additionals, address, originalTtl, loop);
    }
  }
}
