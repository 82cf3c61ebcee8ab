package org.tlsuplift.proxy;

import io.netty.resolver.AddressResolverGroup;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.context.HandshakeLimiter;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.MailQuotas;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.signin.LearntCapabilities;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.UpstreamSelfTest;
import org.tlsuplift.proxy.upstream.dial.OriginResolvers;

/**
 * The services of one specification. Those of the next specification share all parts that it does
 * not change, so that caches, counts and TLS sessions stay.
 */
final class ProxyServices {
  private final ProxySpec spec;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final SessionServices services;

  private ProxyServices(
      ProxySpec spec, AddressResolverGroup<InetSocketAddress> resolvers, SessionServices services) {
    this.spec = spec;
    this.resolvers = resolvers;
    this.services = services;
  }

  /**
   * Creates the first services of a proxy.
   *
   * @param isSelf whether this process listens on an address
   * @throws IllegalStateException when the self-test fails or BoringSSL cannot be loaded
   */
  static ProxyServices first(ProxySpec spec, Predicate<InetSocketAddress> isSelf) {
    TlsContexts contexts = contexts(spec);
    AddressResolverGroup<InetSocketAddress> resolvers = resolvers(spec);
    Limits limits = spec.limits();
    return new ProxyServices(
        spec,
        resolvers,
        new SessionServices(
            limits,
            new HandshakeLimiter(limits),
            new MailQuotas(spec.listeners(), limits.networks()),
            spec.admission(),
            spec.routes(),
            spec.certificates(),
            contexts,
            new UpstreamConnector(
                spec.upstream(),
                contexts,
                spec.transport().channel(),
                resolvers,
                isSelf,
                exits(spec),
                scopes(spec),
                spec.identities()),
            new LearntCapabilities(),
            spec.ecRefusals(),
            spec.observer()));
  }

  /**
   * Creates the services of the next specification.
   *
   * @throws IllegalStateException when the self-test fails
   */
  ProxyServices next(ProxySpec next) {
    boolean sameTls =
        next.trust().equals(spec.trust())
            && next.maximumUpstream() == spec.maximumUpstream()
            && next.upstream().postQuantum() == spec.upstream().postQuantum();
    TlsContexts contexts = sameTls ? services.contexts() : contexts(next);
    AddressResolverGroup<InetSocketAddress> names =
        next.upstream().resolveTimeout().equals(spec.upstream().resolveTimeout())
            ? resolvers
            : resolvers(next);
    Limits limits = next.limits();
    boolean sameHandshakes =
        limits.handshakes().equals(spec.limits().handshakes())
            && limits.networks().equals(spec.limits().networks());
    return new ProxyServices(
        next,
        names,
        new SessionServices(
            limits,
            sameHandshakes ? services.handshakes() : new HandshakeLimiter(limits),
            services.mailQuotas().with(next.listeners(), limits.networks()),
            next.admission(),
            next.routes(),
            next.certificates(),
            contexts,
            services
                .upstream()
                .with(
                    next.upstream(), contexts, names, exits(next), scopes(next), next.identities()),
            services.learntCapabilities().of(sameOrigins(next)),
            next.ecRefusals(),
            next.observer()));
  }

  ProxySpec spec() {
    return spec;
  }

  SessionServices services() {
    return services;
  }

  AddressResolverGroup<InetSocketAddress> resolvers() {
    return resolvers;
  }

  TlsContexts contexts() {
    return services.contexts();
  }

  /** The parts that must be closed when no session uses them. */
  List<AutoCloseable> closeable() {
    return List.of(resolvers, contexts());
  }

  /** The listeners that lead to the same origin in the same way as before. */
  private Set<String> sameOrigins(ProxySpec next) {
    Map<String, ListenerSpec> before =
        spec.listeners().stream()
            .collect(Collectors.toMap(ListenerSpec::name, Function.identity(), (one, same) -> one));
    return next.listeners().stream()
        .filter(
            listener -> {
              ListenerSpec known = before.get(listener.name());
              return known != null
                  && known.accept().equals(listener.accept())
                  && Objects.equals(known.mail().service(), listener.mail().service());
            })
        .map(ListenerSpec::name)
        .collect(Collectors.toSet());
  }

  private static TlsContexts contexts(ProxySpec spec) {
    TlsContexts contexts =
        new TlsContexts(
            spec.trust(),
            spec.maximumUpstream(),
            spec.upstream().postQuantum(),
            spec.tickets(),
            spec.rsa());
    UpstreamSelfTest.run(spec.maximumUpstream());
    return contexts;
  }

  private static AddressResolverGroup<InetSocketAddress> resolvers(ProxySpec spec) {
    return OriginResolvers.create(
        spec.transport().datagramChannel(),
        spec.transport().channel(),
        spec.upstream().resolveTimeout());
  }

  private static Function<HostPort, Egress> exits(ProxySpec spec) {
    return origin -> spec.routes().egress(origin).orElse(spec.upstream().egress());
  }

  private static Function<HostPort, AddressScope> scopes(ProxySpec spec) {
    return origin -> spec.routes().scope(origin, spec.upstream().privateAddresses());
  }
}
