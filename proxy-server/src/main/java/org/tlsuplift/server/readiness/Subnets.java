package org.tlsuplift.server.readiness;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.tlsuplift.proxy.route.Cidr;

/**
 * The subnet of a device: its block in {@code devices.allow}, or the /24 or /64 if the block is
 * larger than a subnet.
 */
final class Subnets {
  /** The largest block that counts as a subnet: 1,024 IPv4 addresses. */
  private static final int SMALLEST_PREFIX_4 = 22;

  private static final int DERIVED_PREFIX_4 = 24;
  private static final int DERIVED_PREFIX_6 = 64;

  private final List<Cidr> blocks;

  Subnets(List<Cidr> allow) {
    // The narrowest block first.
    blocks = allow.stream().sorted(Comparator.comparingInt(Cidr::prefixLength).reversed()).toList();
  }

  /**
   * The subnet of a device.
   *
   * @param address the device's address in the inventory's form
   */
  Cidr of(String address) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
    if (bytes == null) {
      throw new IllegalArgumentException("not an address: " + address);
    }
    InetAddress device = address(bytes);
    return blocks.stream()
        .filter(block -> isSubnet(block) && block.contains(device))
        .findFirst()
        .orElseGet(() -> derived(bytes));
  }

  private static boolean isSubnet(Cidr block) {
    boolean v4 = block.network().getAddress().length == 4;
    return block.prefixLength() >= (v4 ? SMALLEST_PREFIX_4 : DERIVED_PREFIX_6);
  }

  private static Cidr derived(byte[] address) {
    int prefix = address.length == 4 ? DERIVED_PREFIX_4 : DERIVED_PREFIX_6;
    byte[] network = address.clone();
    Arrays.fill(network, prefix / 8, network.length, (byte) 0);
    return new Cidr(address(network), prefix);
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
