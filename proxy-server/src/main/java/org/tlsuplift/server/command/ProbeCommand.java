package org.tlsuplift.server.command;

import io.netty.util.NetUtil;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.chain.NameLimits;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.doctor.OriginProbe;
import org.tlsuplift.server.doctor.ProbeResult;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tests the TLS connection to an origin, and checks the routes. */
@Command(
    name = "probe",
    footer = "%nExample:%n  tls-uplift probe outlook.office365.com:993",
    header = "Test the TLS connection to an origin as the proxy would make it.",
    description = {
      "Resolves the name, performs a verified TLS handshake with each address, and checks whether the routes allow the origin. Uses the proxy in 'via' like a session. Exits with 1 if no route allows the origin, or if no address works."
    })
final class ProbeCommand implements Callable<Integer> {
  private static final int HTTPS = 443;
  private static final int MAX_NAMES = 30;

  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Parameters(
      paramLabel = "HOST[:PORT]",
      description = "The origin. Default port: 443. IPv6 with a port: [2001:db8::1]:443")
  private String target = "";

  @Override
  public Integer call() throws Exception {
    HostPort origin = origin();
    LoadedConfig loaded = config.load();
    ResolvedConfig resolvedConfig = ConfigMapper.map(loaded);
    commandOutput.line("%s, with %s".formatted(origin, loaded.source()));
    Optional<RouteDecision.Deny> denied = resolvedConfig.routes().precheck(origin);
    commandOutput.line("  route     " + denied.map(RouteDecision.Deny::detail).orElse("allowed"));
    String certificate = resolvedConfig.routes().clientCertificate(origin).orElse(null);
    if (certificate != null) {
      commandOutput.line("  presents  the client certificate of its route, if requested");
    }
    Egress egress = resolvedConfig.egress(origin);
    if (egress.via() != null) {
      commandOutput.line("  through   %s, which resolves the name".formatted(egress.via()));
    }
    // The daemon checks addresses only after a route has allowed the name.
    AddressScope scope =
        denied.isPresent()
            ? AddressScope.ANY
            : resolvedConfig.routes().scope(origin, resolvedConfig.upstream().privateAddresses());
    boolean usable;
    List<OriginIdentitySource> identities = IdentityWatch.open(loaded).sources();
    OriginProbe probe;
    try {
      probe = new OriginProbe(resolvedConfig.outgoing(), egress, scope, identities, certificate);
    } catch (IllegalStateException noTls) {
      throw new OperatorException(String.valueOf(noTls.getMessage()));
    }
    try (probe) {
      usable = ask(probe, origin);
    }
    if (!usable) {
      throw new OperatorException(origin + ": no address works");
    }
    if (denied.isPresent()) {
      throw new OperatorException(origin + ": " + denied.get().detail());
    }
    return 0;
  }

  private HostPort origin() {
    boolean bareIpv6 = target.indexOf(':') != target.lastIndexOf(':') && !target.startsWith("[");
    try {
      if (bareIpv6 && !NetUtil.isValidIpV6Address(target)) {
        throw new IllegalArgumentException("neither a host name nor an address");
      }
      return target.contains(":") && !bareIpv6
          ? HostPort.parse(target)
              .orElseThrow(() -> new IllegalArgumentException("not a host with a port"))
          : new HostPort(target, HTTPS);
    } catch (IllegalArgumentException wrong) {
      throw commandOutput.wrong(
          "'%s' is %s; write HOST or HOST:PORT, such as outlook.office365.com:443"
              .formatted(target, wrong.getMessage()));
    }
  }

  private boolean ask(OriginProbe probe, HostPort origin) throws Exception {
    boolean usable = false;
    List<List<X509Certificate>> shown = new ArrayList<>();
    for (HostPort place : probe.places(origin)) {
      ProbeResult result = probe.ask(origin, place);
      usable |= result instanceof ProbeResult.Agreed;
      answer(result);
      // Most origins send the same chain on all addresses: print it once.
      if (!result.chain().isEmpty() && !shown.contains(result.chain())) {
        shown.add(result.chain());
        certificates(result.chain());
      }
    }
    return usable;
  }

  private void answer(ProbeResult result) {
    if (result instanceof ProbeResult.Agreed agreed) {
      commandOutput.line(
          "  address   %s: %s, %s, ALPN %s, verified in %d ms"
              .formatted(
                  agreed.place().host(),
                  agreed.agreed().version(),
                  agreed.agreed().cipherSuite(),
                  Optional.ofNullable(agreed.agreed().applicationProtocol()).orElse("none"),
                  agreed.elapsed().toMillis()));
    } else if (result instanceof ProbeResult.Failed failed) {
      commandOutput.line(
          "  address   %s: FAILED (%s): %s"
              .formatted(failed.place().host(), failed.reason().label(), failed.detail()));
    } else {
      throw new UnhandledVariantException(result);
    }
  }

  private void certificates(List<X509Certificate> chain) {
    for (X509Certificate certificate : chain) {
      commandOutput.line("    certificate  " + certificate.getSubjectX500Principal());
      commandOutput.line("      issuer     " + certificate.getIssuerX500Principal());
      commandOutput.line("      key        " + KeyAlgorithm.describe(certificate.getPublicKey()));
      commandOutput.line("      expires    " + expiry(certificate.getNotAfter().toInstant()));
    }
    commandOutput.line("      names      %s (of the first)".formatted(names(chain.get(0))));
  }

  private static String expiry(Instant expires) {
    long days = Duration.between(Instant.now(), expires).toDays();
    return expires + (days < 0 ? " (EXPIRED)" : " (in " + days + " days)");
  }

  private static String names(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? "none"
          : ShortText.list(
              names.stream()
                  // The JDK may add the common name after the signed names.
                  .limit(NameLimits.alternatives(certificate).orElse(List.of()).size())
                  .map(name -> String.valueOf(name.get(1)))
                  .toList(),
              ", ",
              MAX_NAMES);
    } catch (CertificateParsingException broken) {
      return "unreadable";
    }
  }
}
