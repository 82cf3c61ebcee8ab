package org.tlsuplift.server.it.lab;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A device's network, a router and, behind it, origins with public addresses: three namespaces,
 * which nothing can leave.
 *
 * @param device where devices are
 * @param router what is between them and the origins, and where the proxy runs
 * @param origins where origins are
 */
public record Internet(Namespace device, Namespace router, Namespace origins) {
  /** The router's address for devices. */
  public static final String ROUTER = "10.77.1.1";

  public static final String ROUTER_6 = "fd77:1::1";
  private static final String DEVICE = "10.77.1.2";
  private static final String DEVICE_6 = "fd77:1::2";

  /**
   * Sets it up; it ends with the lab.
   *
   * @param addresses the public addresses of origins
   */
  public static Internet create(Lab lab, List<String> addresses) {
    Peers.requireNetworks();
    // Short, because interface names are short; unique, because tests run in parallel.
    String id = "u" + Integer.toString(ThreadLocalRandom.current().nextInt(36 * 36 * 36 * 36), 36);
    Namespace device = Namespace.create(lab, id + "-device");
    Namespace router = Namespace.create(lab, id + "-router");
    Namespace origins = Namespace.create(lab, id + "-origins");
    cable(device, "up0", router, devices());
    cable(router, "origins0", origins, "up0");
    address(device, "up0", DEVICE + "/24", DEVICE_6 + "/64");
    address(router, devices(), ROUTER + "/24", ROUTER_6 + "/64");
    address(router, "origins0", "10.77.2.1/24", "fd77:2::1/64");
    address(origins, "up0", "10.77.2.2/24", "fd77:2::2/64");
    gateway(device, ROUTER, ROUTER_6);
    gateway(router, "10.77.2.2", "fd77:2::2");
    gateway(origins, "10.77.2.1", "fd77:2::1");
    addresses.forEach(each -> address(origins, "lo", each));
    router.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
    return new Internet(device, router, origins);
  }

  /** The router's interface towards devices. */
  public static String devices() {
    return "devices0";
  }

  private static void cable(Namespace one, String end, Namespace other, String otherEnd) {
    one.ip("link", "add", end, "type", "veth", "peer", "name", otherEnd, "netns", other.name());
    one.ip("link", "set", end, "up");
    other.ip("link", "set", otherEnd, "up");
  }

  private static void address(Namespace machine, String device, String... addresses) {
    for (String address : addresses) {
      machine.ip("addr", "add", address, "dev", device, "nodad");
    }
  }

  private static void gateway(Namespace machine, String ipv4, String ipv6) {
    machine.ip("-4", "route", "add", "default", "via", ipv4);
    machine.ip("-6", "route", "add", "default", "via", ipv6);
  }
}
