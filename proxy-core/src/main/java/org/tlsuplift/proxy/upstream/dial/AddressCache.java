package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DefaultDnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of origins for as long as DNS allows, at most {@link #MAX_TTL_SECONDS}. A name that
 * a session used meanwhile is resolved again before its addresses end, so that the next session
 * need not wait.
 *
 * <p>A wildcard route lets devices request any number of names. The addresses of names after the
 * first {@link #MAX_NAMES} are not kept. Thread-safe.
 */
final class AddressCache extends DefaultDnsCache {
  private static final int MAX_TTL_SECONDS = 300;
  private static final int NEGATIVE_TTL_SECONDS = 5;

  /** Below this, a new query would begin when the addresses end. */
  private static final int MIN_TTL_SECONDS = 4;

  static final int MAX_NAMES = 10_000;

  private static final DefaultDnsCache NOT_KEPT = new DefaultDnsCache(0, 0, 0);

  /** The names for the first three quarters of the time for which their addresses are kept. */
  private final Map<String, Use> uses = new ConcurrentHashMap<>();

  private final BiConsumer<EventLoop, String> refresh;

  /** Whether a session has taken the addresses of a name. */
  private static final class Use {
    volatile boolean again;
  }

  /**
   * Creates an empty cache.
   *
   * @param refresh resolves an absolute name, then calls {@link #replace}; runs on the event loop
   */
  AddressCache(BiConsumer<EventLoop, String> refresh) {
    super(0, MAX_TTL_SECONDS, NEGATIVE_TTL_SECONDS);
    this.refresh = refresh;
  }

  /** An address that DNS returned. */
  record Answer(InetAddress address, long ttlSeconds) {}

  /** Replaces the addresses of a name. */
  void replace(String name, List<Answer> answers, EventLoop loop) {
    clear(name);
    answers.forEach(answer -> cache(name, null, answer.address(), answer.ttlSeconds(), loop));
  }

  @Override
  public @Nullable List<? extends DnsCacheEntry> get(
      String hostname, DnsRecord @Nullable [] additionals) {
    List<? extends DnsCacheEntry> found = super.get(hostname, additionals);
    if (found != null && !found.isEmpty()) {
      Use use = uses.get(absolute(hostname));
      if (use != null && !use.again) {
        use.again = true;
      }
    }
    return found;
  }

  @Override
  public DnsCacheEntry cache(
      String hostname,
      DnsRecord @Nullable [] additionals,
      InetAddress address,
      long originalTtl,
      EventLoop loop) {
    if (isFull(hostname)) {
      return NOT_KEPT.cache(hostname, additionals, address, originalTtl, loop);
    }
    if (originalTtl >= MIN_TTL_SECONDS) {
      long ttl = Math.min(originalTtl, MAX_TTL_SECONDS);
      uses.computeIfAbsent(absolute(hostname), name -> watched(name, ttl, loop));
    }
    return super.cache(hostname, additionals, address, originalTtl, loop);
  }

  @Override
  public DnsCacheEntry cache(
      String hostname, DnsRecord @Nullable [] additionals, Throwable cause, EventLoop loop) {
    return isFull(hostname)
        ? NOT_KEPT.cache(hostname, additionals, cause, loop)
        : super.cache(hostname, additionals, cause, loop);
  }

  private boolean isFull(String hostname) {
    return uses.size() >= MAX_NAMES && !uses.containsKey(absolute(hostname));
  }

  private @Nullable Use watched(String name, long ttlSeconds, EventLoop loop) {
    Use use = new Use();
    Runnable end =
        () -> {
          uses.remove(name, use);
          if (use.again) {
            refresh.accept(loop, name);
          }
        };
    try {
      var unused = loop.schedule(end, ttlSeconds * 750, TimeUnit.MILLISECONDS);
      return use;
    } catch (RejectedExecutionException stopping) {
      return null;
    }
  }

  /** With the dot at the end, so that no search domain is added. */
  static String absolute(String hostname) {
    return hostname.endsWith(".") ? hostname : hostname + ".";
  }
}
