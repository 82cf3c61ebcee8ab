package org.tlsuplift.proxy.testing;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** A DNS server that returns the same addresses for each name. */
public final class FixedNames extends AddressResolverGroup<InetSocketAddress> {
  private final List<String> addresses;

  public FixedNames(String... addresses) {
    this.addresses = List.of(addresses);
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    return new InetSocketAddressResolver(
        executor,
        new InetNameResolver(executor) {
          @Override
          protected void doResolve(String name, Promise<InetAddress> promise)
              throws UnknownHostException {
            promise.setSuccess(all(name).get(0));
          }

          @Override
          protected void doResolveAll(String name, Promise<List<InetAddress>> promise)
              throws UnknownHostException {
            promise.setSuccess(all(name));
          }
        });
  }

  private List<InetAddress> all(String name) throws UnknownHostException {
    if (NetUtil.createInetAddressFromIpAddressString(name) != null) {
      return List.of(InetAddress.getByName(name));
    }
    List<InetAddress> all = new ArrayList<>();
    for (String address : addresses) {
      all.add(InetAddress.getByName(address));
    }
    return all;
  }
}
