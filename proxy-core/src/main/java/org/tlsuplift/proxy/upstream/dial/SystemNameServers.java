package org.tlsuplift.proxy.upstream.dial;

import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.resolver.dns.UnixResolverDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.directory.InitialDirContext;
import org.jspecify.annotations.Nullable;

/**
 * The name servers of the operating system: {@code /etc/resolv.conf}, or those of the network
 * adapters on Windows. They are read again every five minutes.
 *
 * <p>If there are none, the name server of this machine is queried, as resolv.conf(5) says. Netty
 * would query public resolvers, and so disclose the names of origins. Thread-safe.
 *
 * <p>Upstream: netty issue 11466, "netplan and resolv.conf"; pull request 13065, "Allow to override
 * fallback nameservers", adds a property for the whole process. Delete the fallback when Netty
 * queries no public resolver by default.
 */
public final class SystemNameServers implements DnsServerAddressStreamProvider {
  static final InetSocketAddress THIS_MACHINE = new InetSocketAddress(NetUtil.LOCALHOST4, 53);

  private static final String RESOLV_CONF = "/etc/resolv.conf";

  /** Where an operator sets them. */
  static final String PLACE = PlatformDependent.isWindows() ? "the network adapter" : RESOLV_CONF;

  /** Files for single domains on macOS, see resolver(5). */
  private static final String RESOLVER_DIRECTORY = "/etc/resolver";

  /** An address, which may be in brackets, and a port. */
  private static final Pattern JDK_URL =
      Pattern.compile("dns://\\[?([^/\\]]+?)\\]?(?::(\\d{1,5}))?/?");

  private static final long PERIOD = Duration.ofMinutes(5).toNanos();

  private final Supplier<Optional<DnsServerAddressStreamProvider>> reader;
  private final LongSupplier nanoTime;
  private volatile Servers servers;

  SystemNameServers() {
    this(SystemNameServers::read, System::nanoTime);
  }

  SystemNameServers(
      Supplier<Optional<DnsServerAddressStreamProvider>> reader, LongSupplier nanoTime) {
    this.reader = reader;
    this.nanoTime = nanoTime;
    this.servers = now();
  }

  /** A line for the operator if the system has no name server. Reads the system's settings. */
  public static Optional<String> warning() {
    return warning(read());
  }

  static Optional<String> warning(Optional<DnsServerAddressStreamProvider> found) {
    return found.isPresent()
        ? Optional.empty()
        : Optional.of(
            "this system has no DNS server; add one to "
                + PLACE
                + ". Until then, names are resolved with the hosts file and "
                + NetUtil.toSocketAddressString(THIS_MACHINE)
                + " only");
  }

  @Override
  public DnsServerAddressStream nameServerAddressStream(String hostname) {
    if (nanoTime.getAsLong() - servers.readAt > PERIOD) {
      // Two event loops may both read it.
      servers = now();
    }
    return servers.provider.nameServerAddressStream(hostname);
  }

  private Servers now() {
    return new Servers(
        reader.get().orElse(new SingletonDnsServerAddressStreamProvider(THIS_MACHINE)),
        nanoTime.getAsLong());
  }

  private static Optional<DnsServerAddressStreamProvider> read() {
    return PlatformDependent.isWindows()
        ? ofJdk(jdkUrls())
        : ofFiles(RESOLV_CONF, RESOLVER_DIRECTORY);
  }

  static Optional<DnsServerAddressStreamProvider> ofFiles(String resolvConf, String directory) {
    try {
      return Optional.of(new UnixResolverDnsServerAddressStreamProvider(resolvConf, directory));
    } catch (IOException | IllegalArgumentException none) {
      // Netty's exception for a file without name servers. A missing file counts as empty.
      return Optional.empty();
    }
  }

  /** The system's name servers as URLs, such as {@code dns://10.0.0.53}. */
  @SuppressWarnings("JdkObsolete") // JNDI accepts nothing else.
  private static @Nullable String jdkUrls() {
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    environment.put(Context.PROVIDER_URL, "dns://");
    try {
      InitialDirContext context = new InitialDirContext(environment);
      try {
        return (String) context.getEnvironment().get(Context.PROVIDER_URL);
      } finally {
        context.close();
      }
    } catch (NamingException none) {
      return null;
    }
  }

  static Optional<DnsServerAddressStreamProvider> ofJdk(@Nullable String urls) {
    List<InetSocketAddress> found = new ArrayList<>();
    for (String url : urls == null ? new String[0] : urls.split(" ", -1)) {
      Matcher server = JDK_URL.matcher(url);
      InetAddress address =
          server.matches() ? NetUtil.createInetAddressFromIpAddressString(server.group(1)) : null;
      if (address != null) {
        String port = server.group(2);
        found.add(new InetSocketAddress(address, port == null ? 53 : Integer.parseInt(port)));
      }
    }
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(new SequentialDnsServerAddressStreamProvider(found));
  }

  private record Servers(DnsServerAddressStreamProvider provider, long readAt) {}
}
