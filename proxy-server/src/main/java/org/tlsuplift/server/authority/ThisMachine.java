package org.tlsuplift.server.authority;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.HostPort;

/**
 * This machine's names and addresses for devices.
 *
 * <p>Queries the system and DNS, and blocks for up to two seconds: use it only at the start and in
 * commands.
 */
public final class ThisMachine {
  /** The CA permits all of them, and must stay short because old devices parse it. */
  static final int MAX_NAMES = 10;

  /** Reserved for documentation (RFC 5737). No packet is sent to it. */
  private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("192.0.2.1", 9);

  private static final Path KERNEL_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final int NAME_SERVICE_SECONDS = 2;

  private ThisMachine() {}

  /**
   * The host name, the full name (FQDN), the address from which this machine reaches other
   * networks, and its other addresses, IPv4 before IPv6. At most {@value #MAX_NAMES} in all.
   *
   * <p>Excludes loopback and link-local addresses, and names below which others have names, because
   * a CA that permits a name permits all names below it.
   *
   * @return normalised names and addresses
   */
  public static List<String> names() {
    List<String> hostNames = new ArrayList<>();
    hostName().ifPresent(hostNames::add);
    hostNames.add(
        CompletableFuture.supplyAsync(ThisMachine::fullName)
            .completeOnTimeout("", NAME_SERVICE_SECONDS, TimeUnit.SECONDS)
            .join());
    return names(hostNames, addresses(), PublicSuffixes.ofThisJava());
  }

  static List<String> names(
      List<String> hostNames, List<InetAddress> addresses, PublicSuffixes suffixes) {
    Stream<String> ofNames =
        hostNames.stream()
            .map(HostPort::normalise)
            .filter(HostPort::isHostName)
            .filter(name -> !name.equals("localhost") && !name.startsWith("localhost."))
            .filter(name -> !isDomain(name, suffixes));
    Stream<String> ofAddresses =
        addresses.stream()
            .filter(address -> !address.isAnyLocalAddress() && !address.isLoopbackAddress())
            .filter(address -> !address.isLinkLocalAddress() && !address.isMulticastAddress())
            .map(NetUtil::toAddressString);
    return Stream.concat(ofNames, ofAddresses).distinct().limit(MAX_NAMES).toList();
  }

  /** Whether a domain is registered, such as contoso.com, or may have registered names below it. */
  private static boolean isDomain(String name, PublicSuffixes suffixes) {
    int dot = name.indexOf('.');
    return suffixes.contains(name) || (dot > 0 && suffixes.contains(name.substring(dot + 1)));
  }

  /**
   * The host name. Linux returns it without DNS, which may not have the name or may be unreachable.
   */
  static Optional<String> hostName() {
    try {
      return Optional.of(
          Files.isReadable(KERNEL_NAME)
              ? Files.readString(KERNEL_NAME).strip()
              : InetAddress.getLocalHost().getHostName());
    } catch (IOException unnamed) {
      return Optional.empty();
    }
  }

  /** The full name (FQDN), or another name that DNS has for this machine; may be empty. */
  private static String fullName() {
    try {
      return InetAddress.getLocalHost().getCanonicalHostName();
    } catch (UnknownHostException unknown) {
      return "";
    }
  }

  private static List<InetAddress> addresses() {
    List<InetAddress> addresses = new ArrayList<>();
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(ELSEWHERE);
      addresses.add(socket.getLocalAddress());
    } catch (IOException | UncheckedIOException unreachable) {
      // A machine without a route still has addresses.
    }
    try {
      NetworkInterface.networkInterfaces()
          .filter(ThisMachine::isUp)
          .flatMap(NetworkInterface::inetAddresses)
          .sorted(Comparator.comparing(address -> !(address instanceof Inet4Address)))
          .forEach(addresses::add);
    } catch (SocketException unknown) {
      // The names remain.
    }
    return addresses;
  }

  private static boolean isUp(NetworkInterface network) {
    try {
      return network.isUp();
    } catch (SocketException gone) {
      return false;
    }
  }
}
