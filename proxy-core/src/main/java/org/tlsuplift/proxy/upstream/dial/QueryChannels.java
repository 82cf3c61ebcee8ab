package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.socket.DatagramChannel;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.netty.NoSocket;
import org.tlsuplift.proxy.netty.RandomizedQueries;

/**
 * Makes the UDP channel of each resolution, so that each has a source port of its own, which the
 * system chooses at random (RFC 5452 section 9.2). Thread-safe.
 */
final class QueryChannels implements ChannelFactory<Channel> {
  /** Each needs a file descriptor. Resolutions of the same name share one. */
  private static final int MAX_OPEN = 1024;

  private static final Duration PERIOD = Duration.ofMinutes(1);
  private static final Logger log = LoggerFactory.getLogger(QueryChannels.class);

  private final ChannelFactory<? extends DatagramChannel> channels;
  private final int maxOpen;
  private final SecureRandom random = new SecureRandom();
  private final Set<InetSocketAddress> casePreservingServers = ConcurrentHashMap.newKeySet();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong nextLine = new AtomicLong(System.nanoTime());

  QueryChannels(ChannelFactory<? extends DatagramChannel> channels) {
    this(channels, MAX_OPEN);
  }

  QueryChannels(ChannelFactory<? extends DatagramChannel> channels, int maxOpen) {
    this.channels = channels;
    this.maxOpen = maxOpen;
  }

  @Override
  public Channel newChannel() {
    DatagramChannel channel;
    try {
      channel = channels.newChannel();
    } catch (ChannelException failed) {
      if (OpenFiles.areTooMany(failed)) {
        report(
            "names cannot be resolved: this process has too many open files; " + OpenFiles.REMEDY);
      }
      return new NoSocket(failed);
    }
    open.incrementAndGet();
    channel.closeFuture().addListener(closed -> open.decrementAndGet());
    channel.pipeline().addLast(new RandomizedQueries(random, casePreservingServers));
    return channel;
  }

  /**
   * Name servers that get no query while too many channels are open. Such a resolution fails, and
   * its channel closes at once.
   */
  DnsServerAddressStreamProvider limit(DnsServerAddressStreamProvider servers) {
    return name -> {
      if (open.get() <= maxOpen) {
        return servers.nameServerAddressStream(name);
      }
      report(
          maxOpen
              + " names are being resolved at once, so others cannot be resolved; check this"
              + " machine's DNS servers, and which devices use many names");
      return NoServers.INSTANCE;
    };
  }

  private void report(String line) {
    long now = System.nanoTime();
    long next = nextLine.get();
    if (now - next >= 0 && nextLine.compareAndSet(next, now + PERIOD.toNanos())) {
      log.warn("{}", line);
    }
  }

  /**
   * The factory for Netty's resolver, which uses the channels as a {@link Channel} only.
   *
   * <p>To report: "DnsNameResolverBuilder should accept a factory of any Channel." Delete the cast
   * when it does, or with {@link NoSocket}.
   */
  @SuppressWarnings("unchecked")
  ChannelFactory<DatagramChannel> factory() {
    return (ChannelFactory<DatagramChannel>) (ChannelFactory<?>) this;
  }

  int open() {
    return open.get();
  }

  /** Netty asks for the size first. */
  private enum NoServers implements DnsServerAddressStream {
    INSTANCE;

    @Override
    public InetSocketAddress next() {
      throw new NoSuchElementException();
    }

    @Override
    public int size() {
      return 0;
    }

    @Override
    public DnsServerAddressStream duplicate() {
      return this;
    }
  }
}
