package org.tlsuplift.server.config;

import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.signin.TokenOrigins;
import org.tlsuplift.server.microsoft365.Cloud;

/**
 * The hosts that may get the tokens of a tenant. Anyone with a token can use the mailbox, so it
 * goes to no other host, whatever listener a device uses.
 *
 * @param tenant the name of the tenant
 * @param key where an operator adds a host, such as {@code signIn.origins}
 * @param hosts the allowed hosts
 * @param except hosts among them that belong to another service
 */
public record TokenHosts(
    String tenant, String key, List<HostPattern> hosts, List<HostPattern> except)
    implements TokenOrigins {
  public TokenHosts {
    hosts = List.copyOf(hosts);
    except = List.copyOf(except);
  }

  /**
   * The hosts of a tenant.
   *
   * <p>They are those of {@code origins}, by default the mail hosts of its cloud and service. The
   * hosts behind an identity platform that is not Microsoft's are unknown. There, all listeners
   * with {@code signIn} must lead to one host, which gets the tokens.
   */
  public static TokenHosts of(
      SignInConfig signIn, SignInTenant tenant, List<ListenerConfig> listeners) {
    String key = signIn.path(tenant) + ".origins";
    if (!tenant.origins().isEmpty()) {
      return exactly(tenant, key, tenant.origins());
    }
    if (!Cloud.issuesTokensAt(URI.create(tenant.platform()).getHost())) {
      List<String> reached =
          listeners.stream()
              .filter(ListenerConfig::signIn)
              .map(ListenerConfig::origin)
              .filter(Objects::nonNull)
              .map(HostPort::host)
              .distinct()
              .toList();
      if (reached.size() == 1) {
        return exactly(tenant, key, reached);
      }
    }
    Cloud cloud = tenant.cloud();
    return switch (tenant.service()) {
      case EXCHANGE ->
          new TokenHosts(tenant.name(), key, cloud.exchangeHosts(), cloud.highVolumeHosts());
      case HVE -> new TokenHosts(tenant.name(), key, cloud.highVolumeHosts(), List.of());
    };
  }

  private static TokenHosts exactly(SignInTenant tenant, String key, List<String> hosts) {
    return new TokenHosts(
        tenant.name(),
        key,
        hosts.stream().<HostPattern>map(HostPattern.Exact::new).toList(),
        List.of());
  }

  @Override
  public boolean allow(HostPort origin) {
    return matches(hosts, origin) && !matches(except, origin);
  }

  private static boolean matches(List<HostPattern> patterns, HostPort origin) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(origin.host()));
  }

  @Override
  public Explanation refusal(HostPort origin) {
    return new Explanation(
        "%s gets no token of tenant %s".formatted(origin.host(), tenant),
        "use a listener for the tenant's origin; if this is one, add it to '%s'".formatted(key),
        "the tenant's tokens go to " + names());
  }

  /** The allowed hosts, for messages. */
  public String names() {
    return hosts.stream().map(HostPattern::toString).collect(Collectors.joining(", "));
  }
}
