package org.tlsuplift.proxy.tls;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * The operator's own certificate for the devices of a listener, for devices that cannot trust a CA
 * of this program. It is presented only for the names that it carries. The operator may replace it
 * at any time. Thread-safe.
 */
public final class OperatorCertificate implements CertificateSource {
  /** In characters. A device may send any text as a name, but a log line must stay short. */
  private static final int SHOWN = 100;

  private final OriginIdentitySource source;
  private volatile Current current;

  private record Current(OriginIdentity identity, Leaf leaf, CertificateNames names) {
    static Current of(OriginIdentity identity) {
      return new Current(identity, Leaf.of(identity), CertificateNames.of(identity.certificate()));
    }
  }

  /**
   * @param source of certificates with a name
   */
  public OperatorCertificate(OriginIdentitySource source) {
    this.source = source;
    this.current = Current.of(source.current());
  }

  private Current current() {
    Current now = current;
    OriginIdentity identity = source.current();
    if (now.identity() != identity) {
      now = Current.of(identity);
      current = now;
    }
    return now;
  }

  @Override
  public CompletionStage<Leaf> leafFor(List<String> names) {
    Current now = current();
    return names.stream()
        .filter(name -> !now.names().covers(name))
        .findFirst()
        .<CompletionStage<Leaf>>map(
            name ->
                CompletableFuture.failedStage(
                    new OperatorException(
                        "the listener's certificate is not for "
                            + ShortText.printable(name, SHOWN))))
        .orElseGet(() -> CompletableFuture.completedStage(now.leaf()));
  }

  @Override
  public boolean maySign(String name) {
    return current().names().covers(name);
  }

  @Override
  public List<String> ownNames() {
    CertificateNames names = current().names();
    return Stream.concat(
            names.hosts().stream(), names.addresses().stream().map(a -> a.getHostAddress()))
        .toList();
  }
}
