package org.tlsuplift.proxy.context;

import io.netty.channel.ChannelPipeline;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.negotiate.Negotiators;
import org.tlsuplift.proxy.negotiate.Redirection;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.negotiate.TargetPolicy;

/** The way in which devices send their target. */
public sealed interface AcceptMode {
  /**
   * Adds the handlers that determine a device's target.
   *
   * @param policy refuses targets before a response is sent
   */
  void addNegotiators(ChannelPipeline pipeline, TargetPolicy policy);

  /** An explicit HTTP proxy: {@code CONNECT host:port}. */
  record HttpConnect() implements AcceptMode {
    @Override
    public void addNegotiators(ChannelPipeline pipeline, TargetPolicy policy) {
      Negotiators.addHttp(pipeline, policy);
    }
  }

  /**
   * A SOCKS proxy: versions 5 and 4a.
   *
   * @param users the allowed users; if empty, all devices may connect
   */
  record Socks(SocksUsers users) implements AcceptMode {
    @Override
    public void addNegotiators(ChannelPipeline pipeline, TargetPolicy policy) {
      Negotiators.addSocks(pipeline, policy, users);
    }
  }

  /**
   * A port for one origin.
   *
   * @param origin the target of all devices
   */
  record Fixed(HostPort origin) implements AcceptMode {
    @Override
    public void addNegotiators(ChannelPipeline pipeline, TargetPolicy policy) {
      Negotiators.addFixed(pipeline, origin);
    }
  }

  /**
   * A port for devices that connect directly to their origin. The packet filter redirects them
   * here.
   *
   * @param redirection the method of the packet filter
   */
  record Transparent(Redirection redirection) implements AcceptMode {
    @Override
    public void addNegotiators(ChannelPipeline pipeline, TargetPolicy policy) {
      Negotiators.addRedirected(pipeline, redirection, policy);
    }
  }
}
