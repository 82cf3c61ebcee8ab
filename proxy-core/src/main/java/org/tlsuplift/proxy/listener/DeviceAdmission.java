package org.tlsuplift.proxy.listener;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import java.net.InetSocketAddress;
import java.util.List;

/** The subnets that devices may come from. Thread-safe. */
public final class DeviceAdmission {
  private final List<IpSubnetFilterRule> subnets;

  private DeviceAdmission(List<IpSubnetFilterRule> subnets) {
    this.subnets = List.copyOf(subnets);
  }

  /**
   * Admits these subnets and nobody else.
   *
   * @param cidrs such as {@code 10.0.0.0/8} or {@code fc00::/7}
   * @throws IllegalArgumentException when one is no subnet
   */
  public static DeviceAdmission of(List<String> cidrs) {
    return new DeviceAdmission(
        cidrs.stream().map(cidr -> new IpSubnetFilterRule(cidr, IpFilterRuleType.ACCEPT)).toList());
  }

  boolean admits(InetSocketAddress device) {
    return subnets.stream().anyMatch(subnet -> subnet.matches(device));
  }
}
