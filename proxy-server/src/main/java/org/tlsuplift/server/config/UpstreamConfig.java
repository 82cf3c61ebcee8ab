package org.tlsuplift.server.config;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.FilePath;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Key.Refused;
import org.tlsuplift.server.config.binding.Section;

/**
 * The section {@code upstream}: connections to origins. The minimum version is TLS 1.2 and has no
 * setting.
 *
 * @param trust a PEM file with root certificates, or null for those of the Java runtime
 * @param egress of routes without their own
 * @param connectTimeout for each address of an origin
 * @param allowPrivateAddresses null for names that a route lists
 * @param sourceAddress at most one address of each IP version; empty for the system's choice
 * @param spareConnections for each busy origin of a fixed listener and each event loop
 */
public record UpstreamConfig(
    @Key(form = Trust.class) @Nullable Path trust,
    @Key(inline = true) EgressConfig egress,
    @Key(
            words = {"TLSv1.2", "TLSv1.3"},
            refused =
                @Refused(
                    words = {"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"},
                    why = "no setting allows less than TLSv1.2 to an origin"))
        TlsVersion maximumVersion,
    @Key(
            refused =
                @Refused(
                    words = {"off", "none", "false"},
                    why = "stapled responses are always verified; write 'stapled' for the least"))
        RevocationMode revocation,
    @Key(min = "100ms", max = "2m") Duration connectTimeout,
    @Key(min = "100ms", max = "1m") Duration dnsTimeout,
    @Nullable Boolean allowPrivateAddresses,
    @Key(
            single = true,
            form = SourceAddress.class,
            expected = UpstreamConfig.SOURCE,
            schema = "{maxItems: 2}")
        List<InetAddress> sourceAddress,
    @Key(min = "0", max = "" + UpstreamSpec.MAX_SPARE_CONNECTIONS) int spareConnections,
    boolean postQuantum)
    implements Checked {
  private static final String SOURCE =
      "an address of this machine, or a list of one IPv4 and one IPv6 address, such as [192.0.2.10, \"2001:db8::10\"]";

  /** Which host names may resolve to private addresses. */
  public PrivateAddresses privateAddresses() {
    if (allowPrivateAddresses == null) {
      return PrivateAddresses.WHERE_NAMED;
    }
    return allowPrivateAddresses ? PrivateAddresses.ALWAYS : PrivateAddresses.NEVER;
  }

  @Override
  public void check(Section section) {
    section.refuse("minimumVersion", "the minimum is always TLSv1.2; remove the key");
    if (sourceAddress.stream().map(InetAddress::getClass).distinct().count()
        < sourceAddress.size()) {
      section.contradiction("sourceAddress", SOURCE, "two addresses have the same IP version");
    }
  }

  /** The roots that verify a certificate: a file, or null for those of the Java runtime. */
  @Form.Rules(
      expected = "system, or the path of a PEM bundle of root certificates",
      pattern = FilePath.PATTERN)
  static final class Trust implements Form<Path> {
    @Override
    public @Nullable Path parse(String text) {
      return text.equals("system") ? null : new FilePath().parse(text);
    }
  }

  /** An address, without a port. */
  @Form.Rules(pattern = "^([0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$")
  static final class SourceAddress implements Form<InetAddress> {
    @Override
    public InetAddress parse(String text) {
      // Only parses: no name is resolved.
      InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
      if (address == null) {
        throw new IllegalArgumentException("it is not an IP address");
      }
      if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
        throw new IllegalArgumentException("write one address, or remove the key to use any");
      }
      return address;
    }
  }
}
