package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Sends a PROXY header (version 2) with the device's address before all other bytes, and removes
 * itself.
 *
 * <p>Without a device, the header's command is LOCAL.
 */
final class ProxyHeaderSender extends ChannelInboundHandlerAdapter {
  private final DialContext dialContext;

  ProxyHeaderSender(DialContext dialContext) {
    this.dialContext = dialContext;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.pipeline().addFirst(HAProxyMessageEncoder.INSTANCE);
    // If this write fails, all later writes fail too.
    var unused = ctx.writeAndFlush(header(dialContext));
    ctx.pipeline().remove(HAProxyMessageEncoder.INSTANCE);
    ctx.fireChannelActive();
    ctx.pipeline().remove(this);
  }

  static HAProxyMessage header(DialContext dialContext) {
    InetSocketAddress device = dialContext.device();
    InetSocketAddress destination = dialContext.destination();
    if (device == null || destination == null) {
      return new HAProxyMessage(
          HAProxyProtocolVersion.V2,
          HAProxyCommand.LOCAL,
          HAProxyProxiedProtocol.UNKNOWN,
          null,
          null,
          0,
          0);
    }
    boolean ipv4 =
        device.getAddress() instanceof Inet4Address
            && destination.getAddress() instanceof Inet4Address;
    return new HAProxyMessage(
        HAProxyProtocolVersion.V2,
        HAProxyCommand.PROXY,
        ipv4 ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
        text(device.getAddress(), ipv4),
        text(destination.getAddress(), ipv4),
        device.getPort(),
        destination.getPort());
  }

  /**
   * A header has one address family. If one address is IPv6, an IPv4 address is mapped (as in
   * HAProxy).
   */
  private static String text(InetAddress address, boolean ipv4) {
    String text = NetUtil.toAddressString(address);
    return ipv4 || !(address instanceof Inet4Address) ? text : "::ffff:" + text;
  }
}
