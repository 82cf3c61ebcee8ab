package org.tlsuplift.server.it.device;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.ClientHello.Framing;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * What a device offers in a row of the handshake matrix: this and nothing else.
 *
 * @param version the newest version it offers
 * @param suites all that it offers; none means whatever it has by default
 * @param traits what else is special
 */
public record Offer(TlsVersion version, List<Suite> suites, Set<Trait> traits) {
  private static final int RENEGOTIATION_SCSV = 0x00ff;
  private static final int FALLBACK_SCSV = 0x5600;

  public Offer {
    suites = List.copyOf(suites);
    traits = Set.copyOf(traits);
  }

  public static Offer of(TlsVersion version, Suite suite, Trait... traits) {
    return new Offer(version, List.of(suite), Set.of(traits));
  }

  public boolean has(Trait trait) {
    return traits.contains(trait);
  }

  /** The only suite. */
  public Suite suite() {
    return suites.get(0);
  }

  /** What a hello is other than this offer says; empty when all is well. */
  public List<String> differences(ClientHello hello) {
    Stream.Builder<String> found = Stream.builder();
    if (!hello.newestVersion().equals(Optional.of(version))) {
      found.add("version " + hello.versions());
    }
    Set<Integer> real =
        hello.cipherSuites().stream()
            .filter(number -> number != RENEGOTIATION_SCSV && number != FALLBACK_SCSV)
            .collect(Collectors.toSet());
    if (!suites.isEmpty()
        && !real.equals(suites.stream().map(Suite::number).collect(Collectors.toSet()))) {
      found.add("suites " + hello.cipherSuites());
    }
    if (hello.cipherSuites().contains(FALLBACK_SCSV) != has(Trait.FALLBACK)) {
      found.add("fallback");
    }
    if ((hello.framing() == Framing.SSL_2) != has(Trait.SSL2_HELLO)) {
      found.add("framing " + hello.framing());
    }
    boolean names = !has(Trait.NO_SNI) && !has(Trait.NO_EXTENSIONS) && !has(Trait.SSL2_HELLO);
    // Java sends extensions in SSL 3.0 too, others do not.
    if (version != TlsVersion.SSL_3 && (hello.serverName() != null) != names) {
      found.add("server name " + hello.serverName());
    }
    if (has(Trait.NO_EXTENSIONS) && !hello.supportedGroups().isEmpty()) {
      found.add("groups " + hello.supportedGroups());
    }
    if (hello.smallRecords() != has(Trait.SMALL_RECORDS)) {
      found.add("max_fragment_length");
    }
    if (has(Trait.SHA1_SIGNATURES)
        && !hello.signatureAlgorithms().stream().allMatch(number -> number >> 8 == 2)) {
      found.add("signatures " + hello.signatureAlgorithms());
    }
    return found.build().toList();
  }

  /** Version and suite, if it is one suite only. */
  public String exactly() {
    return version + " " + suitesText();
  }

  public String suitesText() {
    return suites.isEmpty()
        ? "all it has"
        : suites.stream().map(Suite::openssl).collect(Collectors.joining(", "));
  }

  /** The text in the table; empty when nothing is special. */
  public String traitsText() {
    return Arrays.stream(Trait.values())
        .filter(traits::contains)
        .map(Trait::text)
        .collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return traits.isEmpty() ? exactly() : exactly() + ", " + traitsText();
  }
}
