package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.AddressScope;

/**
 * One attempt to connect to an origin: resolves the hop's name, tries its addresses, and requests
 * the connection from an upstream proxy if the hop is one. Runs on one event loop.
 */
final class DialAttempt {
  private static final String ITSELF = "this is TLS Uplift itself";
  private static final String CHECK_DNS =
      "correct the target in the device, or this machine's DNS:"
          + " 'tls-uplift manual dns#prevent-the-loop'";

  private final OriginDialer dial;
  private final DialContext dialContext;
  private final Hop hop;
  private final boolean proxyHeader;
  private final AddressScope scope;
  private final Promise<Channel> promise;

  DialAttempt(
      OriginDialer dial,
      DialContext dialContext,
      Hop hop,
      boolean proxyHeader,
      AddressScope scope) {
    this.dial = dial;
    this.dialContext = dialContext;
    this.hop = hop;
    this.proxyHeader = proxyHeader;
    this.scope = scope;
    this.promise = dialContext.loop().newPromise();
  }

  Future<Channel> start() {
    if (hop instanceof Hop.Through through) {
      OriginUnavailableException refusal = refusal(through.origin());
      if (refusal != null) {
        promise.setFailure(refusal);
        return promise;
      }
    }
    Future<List<InetSocketAddress>> resolution = dial.resolve(dialContext, hop.address());
    Future<?> timer =
        dialContext
            .loop()
            .schedule(
                () -> promise.tryFailure(hop.unresolved("no DNS response in time").late(true)),
                dial.spec().resolveTimeout().toMillis(),
                TimeUnit.MILLISECONDS);
    promise.addListener(done -> timer.cancel(false));
    resolution.addListener(
        done -> {
          timer.cancel(false);
          if (!resolution.isSuccess()) {
            promise.tryFailure(
                OpenFiles.areTooMany(resolution.cause())
                    ? Hop.withoutFiles(hop.address())
                    : hop.unresolved(unresolved(resolution.cause())));
          } else if (!promise.isDone()) {
            race(resolution.getNow());
          }
        });
    return promise;
  }

  /** Connects to one of the addresses, without DNS. */
  Future<Channel> start(List<InetSocketAddress> addresses) {
    race(addresses);
    return promise;
  }

  /**
   * Checks an address literal. The upstream proxy resolves names, so they cannot be checked here.
   */
  private @Nullable OriginUnavailableException refusal(HostPort origin) {
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(origin.host());
    if (literal == null) {
      return null;
    }
    if (dial.isSelf(new InetSocketAddress(literal, origin.port()))) {
      return Hop.loop(origin, Explanation.of(ITSELF));
    }
    return scope.allows(literal) ? null : Hop.inside(origin, scope.refusal(literal));
  }

  private void race(List<InetSocketAddress> all) {
    if (all.isEmpty()) {
      promise.tryFailure(hop.unresolved("the name has no address"));
      return;
    }
    if (all.stream().anyMatch(dial::isSelf)) {
      promise.tryFailure(
          hop instanceof Hop.Through through
              ? Hop.loop(
                  through.origin(),
                  Explanation.of("'via' " + through.via().address() + " is TLS Uplift itself"))
              : Hop.loop(hop.address(), Explanation.of(ITSELF, CHECK_DNS)));
      return;
    }
    List<InetSocketAddress> allowed = allowed(all);
    if (allowed.isEmpty()) {
      return;
    }
    List<InetSocketAddress> addresses = dial.spec().sources().reachable(allowed);
    if (addresses.isEmpty()) {
      promise.tryFailure(
          hop.unreachable(
              "no address has the IP version of upstream.sourceAddress (%s)"
                  .formatted(dial.spec().sources())));
      return;
    }
    Future<Channel> race =
        HappyEyeballs.start(
            address -> dial.connect(dialContext, hop, proxyHeader, address),
            dialContext.loop(),
            addresses);
    Promises.onCancel(promise, () -> race.cancel(false));
    race.addListener(
        done -> {
          if (race.isSuccess()) {
            connected(race.getNow());
          } else if (!race.isCancelled()) {
            promise.tryFailure(unreachable(race.cause()));
          }
        });
  }

  /** Removes the record types and the number of queries from Netty's message. */
  private static String unresolved(Throwable cause) {
    return String.valueOf(cause.getMessage()).replaceFirst(" \\[.*", "").strip();
  }

  private OriginUnavailableException unreachable(Throwable cause) {
    return OpenFiles.areTooMany(cause)
        ? Hop.withoutFiles(hop.address())
        : hop.unreachable(cause.getMessage() + from())
            .late(cause instanceof ConnectTimeoutException);
  }

  /** Returns the addresses that the route allows. If there are none, fails the dial. */
  private List<InetSocketAddress> allowed(List<InetSocketAddress> all) {
    if (hop instanceof Hop.Through) {
      return all;
    }
    List<InetSocketAddress> allowed =
        all.stream().filter(address -> scope.allows(address.getAddress())).toList();
    if (allowed.isEmpty()) {
      promise.tryFailure(Hop.inside(hop.address(), scope.refusal(all.get(0).getAddress())));
    }
    return allowed;
  }

  private String from() {
    SourceAddresses sources = dial.spec().sources();
    return sources.equals(SourceAddresses.ANY) ? "" : " (from " + sources + ")";
  }

  private void connected(Channel channel) {
    if (!(hop instanceof Hop.Through through) || !through.byConnect()) {
      if (proxyHeader) {
        // Netty calls channelActive, which sends the header, after this listener.
        dialContext.loop().execute(() -> succeed(channel));
      } else {
        succeed(channel);
      }
      return;
    }
    Promises.onCancel(
        promise,
        () -> {
          var unused = channel.close();
        });
    ProxyHandler handler = channel.pipeline().get(ProxyHandler.class);
    if (handler == null || promise.isDone()) {
      var unused = channel.close();
      promise.tryFailure(through.refused(new ProxyConnectException("closed")));
      return;
    }
    Future<Channel> asked = handler.connectFuture();
    asked.addListener(
        done -> {
          if (asked.isSuccess()) {
            // Later, after the bytes that arrived together with the proxy's response.
            dialContext.loop().execute(() -> passedOn(channel));
          } else {
            promise.tryFailure(through.refused(asked.cause()));
          }
        });
  }

  /** Removes the upstream proxy's handlers: the channel is connected to the origin now. */
  private void passedOn(Channel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    while (pipeline.get(ProxyHandler.class) != null) {
      pipeline.removeFirst();
    }
    succeed(channel);
  }

  private void succeed(Channel channel) {
    if (!channel.isActive()) {
      // The channel's handlers are gone, so no event reports that it closed.
      promise.tryFailure(hop.unreachable("the connection closed immediately"));
    }
    if (!promise.trySuccess(channel)) {
      var unused = channel.close();
    }
  }
}
