package org.tlsuplift.proxy.upstream.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A system without a name server never makes the daemon query a public one. */
class SystemNameServersTest {
  @TempDir private Path directory;

  private Optional<DnsServerAddressStreamProvider> read(String resolvConf) throws Exception {
    Path file = Files.writeString(directory.resolve("resolv.conf"), resolvConf);
    return SystemNameServers.ofFiles(file.toString(), directory.resolve("resolver").toString());
  }

  private static List<String> servers(DnsServerAddressStreamProvider provider) {
    List<String> found = new ArrayList<>();
    var stream = provider.nameServerAddressStream("outlook.office365.com");
    for (int i = 0; i < stream.size(); i++) {
      InetSocketAddress next = stream.next();
      found.add(next.getAddress().getHostAddress() + ":" + next.getPort());
    }
    return found;
  }

  private static SystemNameServers with(Optional<DnsServerAddressStreamProvider> found) {
    return new SystemNameServers(() -> found, System::nanoTime);
  }

  @Test
  void usesTheServersOfResolvConf() throws Exception {
    Optional<DnsServerAddressStreamProvider> found =
        read("search corp.example\nnameserver 10.0.0.53\nnameserver 10.0.1.53\n");
    assertThat(servers(with(found))).containsExactly("10.0.0.53:53", "10.0.1.53:53");
    assertThat(SystemNameServers.warning(found)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "# none\n", "search corp.example\n", "nameserver\n", "nameserver x\n"})
  void asksOnlyThisMachineWithoutAServerInResolvConf(String resolvConf) throws Exception {
    Optional<DnsServerAddressStreamProvider> found = read(resolvConf);
    assertThat(servers(with(found))).containsExactly("127.0.0.1:53");
    assertThat(SystemNameServers.warning(found))
        .hasValueSatisfying(
            warning ->
                assertThat(warning)
                    .contains("no DNS server", "add one to /etc/resolv.conf", "127.0.0.1:53"));
  }

  @Test
  void asksOnlyThisMachineWithoutResolvConf() {
    String missing = directory.resolve("missing").toString();
    assertThat(servers(with(SystemNameServers.ofFiles(missing, missing))))
        .containsExactly("127.0.0.1:53");
  }

  @Test
  void usesTheServersOfWindows() {
    assertThat(servers(with(SystemNameServers.ofJdk("dns://10.0.0.53 dns://[2001:db8::53]:5353"))))
        .containsExactly("10.0.0.53:53", "2001:db8:0:0:0:0:0:53:5353");
  }

  /** The JDK's URL without servers has no host, or the name localhost. */
  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "dns:", "dns://", "dns://localhost", "dns://bad host", "dns://%"})
  void asksOnlyThisMachineWithoutAServerOfWindows(String urls) {
    assertThat(servers(with(SystemNameServers.ofJdk(urls)))).containsExactly("127.0.0.1:53");
    assertThat(servers(with(SystemNameServers.ofJdk(null)))).containsExactly("127.0.0.1:53");
  }

  @Test
  void readsTheServersAgainAfterFiveMinutes() {
    AtomicLong nanos = new AtomicLong();
    AtomicReference<Optional<DnsServerAddressStreamProvider>> found =
        new AtomicReference<>(Optional.empty());
    SystemNameServers servers = new SystemNameServers(found::get, nanos::get);
    found.set(
        Optional.of(
            new SingletonDnsServerAddressStreamProvider(new InetSocketAddress("10.0.0.53", 53))));
    nanos.addAndGet(TimeUnit.MINUTES.toNanos(5));
    assertThat(servers(servers)).containsExactly("127.0.0.1:53");
    nanos.addAndGet(1);
    assertThat(servers(servers)).containsExactly("10.0.0.53:53");
  }
}
