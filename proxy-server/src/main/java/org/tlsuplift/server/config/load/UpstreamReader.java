package org.tlsuplift.server.config.load;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.yaml.FilePath;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads {@code upstream}. */
final class UpstreamReader {
  private static final Words<TlsVersion> VERSIONS =
      Words.of(List.of(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3), TlsVersion::label)
          .refusing(
              "no setting allows less than TLSv1.2 to an origin",
              "SSLv2",
              "SSLv3",
              "TLSv1",
              "TLSv1.0",
              "TLSv1.1");
  private static final Words<RevocationMode> REVOCATION =
      Words.of(RevocationMode.values())
          .refusing(
              "stapled responses are always verified; write 'stapled' for the least",
              "off",
              "none",
              "false");
  private static final Duration TENTH = Duration.ofMillis(100);
  private static final String SOURCE =
      "an address of this machine, or a list of one IPv4 and one IPv6 address, such as [192.0.2.10, \"2001:db8::10\"]";

  private UpstreamReader() {}

  /** The key {@code trust} of a section: a file, or null for the system's roots. */
  static @Nullable Path trust(Section section) {
    return section
        .value("trust", "system, or the path of a PEM bundle of root certificates", FilePath::of)
        .filter(path -> !path.equals(Path.of("system")))
        .orElse(null);
  }

  static ServerConfig.Upstream read(Section section) {
    Path trust = trust(section);
    section.refuse("minimumVersion", "the minimum is always TLSv1.2; remove the key");
    EgressKeys egress = EgressKeys.read(section);
    ServerConfig.Upstream upstream =
        new ServerConfig.Upstream(
            section.word("maximumVersion", VERSIONS).orElseThrow(),
            trust,
            section.word("revocation", REVOCATION).orElseThrow(),
            section.duration("connectTimeout", TENTH, Duration.ofMinutes(2)),
            section.duration("dnsTimeout", TENTH, Duration.ofMinutes(1)),
            Objects.requireNonNull(egress.via()),
            Objects.requireNonNull(egress.sendProxyHeader()),
            privateAddresses(section),
            sourceAddress(section),
            section.integer("spareConnections", 0, UpstreamSpec.MAX_SPARE_CONNECTIONS));
    section.end();
    return upstream;
  }

  private static PrivateAddresses privateAddresses(Section section) {
    if (!section.has("allowPrivateAddresses")) {
      return PrivateAddresses.WHERE_NAMED;
    }
    return section.flag("allowPrivateAddresses") ? PrivateAddresses.ALWAYS : PrivateAddresses.NEVER;
  }

  private static List<InetAddress> sourceAddress(Section section) {
    List<InetAddress> addresses =
        section.oneOrMore("sourceAddress", SOURCE, UpstreamReader::address);
    if (addresses.stream().map(InetAddress::getClass).distinct().count() < addresses.size()) {
      section.contradiction("sourceAddress", SOURCE, "two addresses have the same IP version");
    }
    return addresses;
  }

  private static InetAddress address(String text) {
    // Only parses: no name is resolved.
    InetAddress address =
        Optional.ofNullable(NetUtil.createInetAddressFromIpAddressString(text))
            .orElseThrow(() -> new IllegalArgumentException("it is not an IP address"));
    if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
      throw new IllegalArgumentException("write one address, or remove the key to use any");
    }
    return address;
  }
}
