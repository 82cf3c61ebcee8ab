package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;

/**
 * Connects to the first address that accepts a connection (RFC 8305, "Happy Eyeballs").
 *
 * <p>IPv6 and IPv4 alternate. A new attempt starts 250 ms after the last one started, or when one
 * fails. The first connection wins, and the others are closed. Runs on one event loop.
 */
final class HappyEyeballs {
  /** RFC 8305 section 5, the recommended delay. */
  private static final long ATTEMPT_DELAY_MILLIS = 250;

  private static final int MAX_ADDRESSES = 16;
  private static final int MAX_LISTED = 4;

  private final Function<InetSocketAddress, ChannelFuture> connect;
  private final EventLoop loop;
  private final Promise<Channel> winner;
  private final Deque<InetSocketAddress> waiting;
  private final List<ChannelFuture> running = new ArrayList<>();

  /** The addresses by the cause of their failure. */
  private final Map<String, List<String>> failures = new LinkedHashMap<>();

  private @Nullable Future<?> nextStart;
  private boolean late = true;

  private HappyEyeballs(
      Function<InetSocketAddress, ChannelFuture> connect,
      EventLoop loop,
      List<InetSocketAddress> addresses) {
    this.connect = connect;
    this.loop = loop;
    this.winner = loop.newPromise();
    this.waiting = new ArrayDeque<>(interleave(addresses));
  }

  /**
   * Starts a race.
   *
   * @param addresses not empty; at most 16 are tried
   * @return the connected channel; cancelling it closes all attempts
   */
  static Future<Channel> start(
      Function<InetSocketAddress, ChannelFuture> connect,
      EventLoop loop,
      List<InetSocketAddress> addresses) {
    HappyEyeballs race = new HappyEyeballs(connect, loop, addresses);
    race.winner.addListener(done -> race.stopOthers());
    race.startNext();
    return race.winner;
  }

  /** Alternates the families, starting with that of the first address (RFC 8305 section 4). */
  static List<InetSocketAddress> interleave(List<InetSocketAddress> addresses) {
    Deque<InetSocketAddress> first = new ArrayDeque<>();
    Deque<InetSocketAddress> second = new ArrayDeque<>();
    boolean firstIsIpv6 = isIpv6(addresses.get(0));
    for (InetSocketAddress address : addresses) {
      (isIpv6(address) == firstIsIpv6 ? first : second).add(address);
    }
    List<InetSocketAddress> ordered = new ArrayList<>();
    while (ordered.size() < MAX_ADDRESSES && !(first.isEmpty() && second.isEmpty())) {
      if (!first.isEmpty()) {
        ordered.add(first.remove());
      }
      if (!second.isEmpty()) {
        ordered.add(second.remove());
      }
    }
    return ordered;
  }

  private static boolean isIpv6(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address;
  }

  private void startNext() {
    InetSocketAddress address = waiting.poll();
    if (winner.isDone() || address == null) {
      return;
    }
    ChannelFuture attempt = connect.apply(address);
    if (attempt.isDone()) {
      // If no file descriptor is left, it has no channel, and its listeners would run on another
      // thread.
      attemptEnded(address, attempt);
      return;
    }
    running.add(attempt);
    attempt.addListener((ChannelFutureListener) done -> attemptEnded(address, done));
    if (!waiting.isEmpty()) {
      nextStart = loop.schedule(this::startNext, ATTEMPT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void attemptEnded(InetSocketAddress address, ChannelFuture attempt) {
    running.remove(attempt);
    if (attempt.isSuccess()) {
      if (!winner.trySuccess(attempt.channel())) {
        var unused = attempt.channel().close();
      }
      return;
    }
    late &= attempt.cause() instanceof ConnectTimeoutException;
    failures
        .computeIfAbsent(why(attempt.cause()), cause -> new ArrayList<>())
        .add(address.getAddress().getHostAddress());
    if (!waiting.isEmpty()) {
      cancelNextStart();
      startNext();
    } else if (running.isEmpty()) {
      String all = allFailures();
      winner.tryFailure(late ? new ConnectTimeoutException(all) : new ConnectException(all));
    }
  }

  /** The causes come before the addresses, because long lines are cut. */
  private String allFailures() {
    List<String> causes = new ArrayList<>();
    failures.forEach(
        (cause, addresses) ->
            causes.add(cause + " (" + ShortText.list(addresses, ", ", MAX_LISTED) + ")"));
    return ShortText.list(causes, "; ", MAX_LISTED);
  }

  private static String why(@Nullable Throwable cause) {
    if (cause instanceof ConnectTimeoutException) {
      return "no response in time";
    }
    if (OpenFiles.areTooMany(cause)) {
      return OpenFiles.TOO_MANY;
    }
    if (cause instanceof NoRouteToHostException) {
      // Netty's own has no message.
      return "No route to host";
    }
    String message = cause == null ? null : cause.getMessage();
    // Netty's message has the system call before the cause, and name and address after it. Some
    // Javas add the system call in parentheses. To report: "A failed connect of the native
    // transports has no public method for the system's own text." Delete when it has.
    return message == null
        ? "failed"
        : message
            .replaceFirst(": [^ ]*/[^ ]+$", "")
            .replaceFirst(" \\(connect failed\\)$", "")
            .replaceFirst("^[\\w ]+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: ", "");
  }

  private void stopOthers() {
    cancelNextStart();
    waiting.clear();
    for (ChannelFuture attempt : List.copyOf(running)) {
      if (!winner.isSuccess() || attempt.channel() != winner.getNow()) {
        var unused = attempt.channel().close();
      }
    }
    running.clear();
  }

  private void cancelNextStart() {
    if (nextStart != null) {
      nextStart.cancel(false);
      nextStart = null;
    }
  }
}
