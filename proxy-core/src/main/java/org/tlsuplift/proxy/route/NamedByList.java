package org.tlsuplift.proxy.route;

import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.OriginProof;

/**
 * The proof of an origin that is known only by its address, but an endpoint list names its hosts.
 *
 * @param names the names that the list gives for the address; not empty
 */
public record NamedByList(HostPort address, List<String> names) implements OriginProof {
  public NamedByList {
    names = List.copyOf(names);
  }

  @Override
  public Optional<String> objection(CertificateNames certificate) {
    return names.stream().anyMatch(certificate::covers)
        ? Optional.empty()
        : Optional.of(
            "the origin's certificate is for %s, but the endpoint list expects %s to be %s"
                .formatted(certificate, address, ShortText.list(names, ", ", 3)));
  }
}
