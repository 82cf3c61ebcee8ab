package org.tlsuplift.server.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.tlsuplift.proxy.model.DeviceNetworks;

/**
 * Limits the connections. No address gets all places, and a trusted proxy gets the most. Some
 * places are reserved for loopback and for addresses that have signed in.
 *
 * <p>If an address has all its places, a new connection replaces one of the same address: an idle
 * one, which the client may have closed already, else one without a complete request. If no place
 * is free, a new connection replaces another one whose address has not signed in: one without a
 * complete request, else an idle one, else one whose response is in progress. The address with the
 * most connections loses one first. A request that is sent at once gets its response, even while
 * others hold connections or do not read responses. Thread-safe.
 */
final class ConnectionQuota {
  /** How long an address has this advantage after a sign-in. */
  private static final Duration KNOWN = Duration.ofDays(1);

  private static final int MAX_KNOWN = 1_000;

  private final AdminLimits limits;
  private final Cache<InetAddress, Boolean> signedIn;

  /** The oldest first. */
  private final Set<Place> taken = new LinkedHashSet<>();

  ConnectionQuota(AdminLimits limits, Ticker clock) {
    this.limits = limits;
    this.signedIn =
        Caffeine.newBuilder().ticker(clock).maximumSize(MAX_KNOWN).expireAfterWrite(KNOWN).build();
  }

  /** The state of a connection. */
  enum Use {
    /** It has not sent a complete request; perhaps it has sent nothing. */
    READING,
    /** It has sent a request, and the response is in progress. */
    ANSWERING,
    /** It has received its response. */
    IDLE
  }

  /** The place of a connection, until the connection ends. */
  static final class Place {
    private final Channel channel;
    private final InetAddress address;
    private final boolean proxy;
    private volatile Use use = Use.READING;

    private Place(Channel channel, InetAddress address, boolean proxy) {
      this.channel = channel;
      this.address = address;
      this.proxy = proxy;
    }

    void use(Use now) {
      use = now;
    }

    Use use() {
      return use;
    }

    InetAddress address() {
      return address;
    }
  }

  /**
   * The place of a new connection; none if there is no room, and then it is closed.
   *
   * @param proxies the addresses of trusted proxies, which bring the requests of many
   */
  synchronized Optional<Place> admit(Channel channel, Predicate<InetAddress> proxies) {
    Place place =
        channel.remoteAddress() instanceof InetSocketAddress from
            ? new Place(channel, group(from.getAddress()), proxies.test(from.getAddress()))
            : null;
    if (place == null || !hasRoom(place)) {
      var unused = channel.close();
      return Optional.empty();
    }
    taken.add(place);
    channel.closeFuture().addListener(closed -> free(place));
    return Optional.of(place);
  }

  /** All connections. */
  synchronized List<Channel> connections() {
    return taken.stream().map(place -> place.channel).toList();
  }

  /** Records that a user has signed in from an address. */
  void signedIn(InetAddress from) {
    signedIn.put(group(from), true);
  }

  /** An IPv6 network counts as one address; a loopback address counts alone. */
  private static InetAddress group(InetAddress address) {
    return address.isLoopbackAddress() ? address : DeviceNetworks.DEFAULT.of(address);
  }

  private boolean hasRoom(Place added) {
    Predicate<Place> same = of(added.address);
    Predicate<Place> strange = place -> !isKnown(place);
    int most = added.proxy ? limits.connections() - limits.reserved() : limits.perAddress();
    if (count(same) >= most
        && !free(same.and(ConnectionQuota::isIdle))
        && !free(same.and(ConnectionQuota::isReading))) {
      return false;
    }
    boolean reserved =
        !isKnown(added) && count(strange) >= limits.connections() - limits.reserved();
    return (!reserved && taken.size() < limits.connections())
        || free(strange.and(ConnectionQuota::isReading))
        || free(strange.and(ConnectionQuota::isIdle))
        || free(strange)
        || free(ConnectionQuota::isReading);
  }

  private static boolean isReading(Place place) {
    return place.use == Use.READING;
  }

  private static boolean isIdle(Place place) {
    return place.use == Use.IDLE;
  }

  private boolean isKnown(Place place) {
    return place.proxy
        || place.address.isLoopbackAddress()
        || signedIn.getIfPresent(place.address) != null;
  }

  private long count(Predicate<Place> which) {
    return taken.stream().filter(which).count();
  }

  /** Closes one of the connections that pass the test; false if none does. */
  private boolean free(Predicate<Place> which) {
    Optional<Place> one =
        taken.stream()
            .filter(which)
            .max(Comparator.comparingLong(place -> count(of(place.address))));
    one.ifPresent(
        place -> {
          taken.remove(place);
          var unused = place.channel.close();
        });
    return one.isPresent();
  }

  private static Predicate<Place> of(InetAddress address) {
    return place -> place.address.equals(address);
  }

  private synchronized void free(Place place) {
    taken.remove(place);
  }
}
