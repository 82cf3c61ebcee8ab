package org.tlsuplift.proxy.route;

import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.model.Explanation;
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
  public Optional<Explanation> objection(CertificateNames certificate) {
    return names.stream().anyMatch(certificate::covers)
        ? Optional.empty()
        : Optional.of(
            new Explanation(
                "the origin's certificate is for other names than the endpoint list has for "
                    + address,
                "run 'tls-uplift endpoints refresh', or look for a device that inspects TLS on the way",
                "it is for %s, and the list has %s"
                    .formatted(certificate, ShortText.list(names, ", ", 3))));
  }
}
