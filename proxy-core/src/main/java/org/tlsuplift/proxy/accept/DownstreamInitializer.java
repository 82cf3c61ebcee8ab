package org.tlsuplift.proxy.accept;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.ProxyProtocolSpec;
import org.tlsuplift.proxy.negotiate.ProxyHeaderNegotiator;
import org.tlsuplift.proxy.session.Session;
import org.tlsuplift.proxy.tls.hello.ClientHelloHandler;

/** The table of contents of a device's pipeline. {@link PipelineNames} shows how it changes. */
final class DownstreamInitializer extends ChannelInitializer<Channel> {
  private final ListenAddress address;
  private final SessionRegistry registry;

  DownstreamInitializer(ListenAddress address, SessionRegistry registry) {
    this.address = address;
    this.registry = registry;
  }

  @Override
  protected void initChannel(Channel device) {
    AcceptedConnection connection = registry.accept(device, address);
    if (connection == null) {
      return;
    }
    ChannelPipeline pipeline = device.pipeline();
    ProxyProtocolSpec expected = connection.spec().proxyProtocol();
    if (expected != null) {
      PendingConnection pending =
          registry.expectProxyHeader(
              connection, expected, session -> addSession(connection, session));
      if (pending != null) {
        ProxyHeaderNegotiator.addTo(pipeline);
        pipeline.addLast(PipelineNames.PENDING, pending.events());
      }
      return;
    }
    Session session = registry.admit(connection);
    if (session != null) {
      addSession(connection, session);
    }
  }

  private static void addSession(AcceptedConnection connection, Session session) {
    ChannelPipeline pipeline = connection.channel().pipeline();
    connection.spec().accept().addNegotiators(pipeline, connection.generation().targets());
    pipeline
        .addLast(PipelineNames.HELLO, new ClientHelloHandler())
        .addLast(PipelineNames.EVENTS, session.events());
  }
}
