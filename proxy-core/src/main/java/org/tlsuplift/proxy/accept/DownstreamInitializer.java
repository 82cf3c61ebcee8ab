package org.tlsuplift.proxy.accept;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import java.util.function.Function;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.negotiate.Negotiators;
import org.tlsuplift.proxy.negotiate.TargetPolicy;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.session.Session;
import org.tlsuplift.proxy.session.SessionHandler;
import org.tlsuplift.proxy.tls.hello.ClientHelloHandler;

/** The table of contents of a device's pipeline. {@link PipelineNames} shows how it changes. */
final class DownstreamInitializer extends ChannelInitializer<Channel> {
  private final ListenerSpec spec;
  private final SessionRegistry registry;
  private final Function<RouteTable, TargetPolicy> policies;

  DownstreamInitializer(
      ListenerSpec spec, SessionRegistry registry, Function<RouteTable, TargetPolicy> policies) {
    this.spec = spec;
    this.registry = registry;
    this.policies = policies;
  }

  @Override
  protected void initChannel(Channel device) {
    ChannelPipeline pipeline = device.pipeline();
    if (spec.proxyProtocol() != null) {
      PendingConnection pending =
          registry.expectProxyHeader(
              device, spec, spec.proxyProtocol(), session -> addSession(pipeline, session));
      if (pending != null) {
        Negotiators.addProxyHeader(pipeline);
        pipeline.addLast(PipelineNames.PENDING, new ProxyHeaderHandler(pending));
      }
      return;
    }
    Session session = registry.admit(device, spec);
    if (session != null) {
      addSession(pipeline, session);
    }
  }

  private void addSession(ChannelPipeline pipeline, Session session) {
    spec.accept().addNegotiators(pipeline, policies.apply(session.routes()));
    pipeline
        .addLast(
            PipelineNames.HELLO, new ClientHelloHandler((ctx, parse) -> session.onHello(parse)))
        .addLast(PipelineNames.EVENTS, new SessionHandler(session));
  }
}
