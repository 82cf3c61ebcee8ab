package org.tlsuplift.server.http.pages;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Locale;
import org.tlsuplift.server.http.Request;

/**
 * The name and port by which the reader reached this daemon. The admin port has checked the name.
 *
 * @param host a name or an address, with brackets if that is IPv6; empty if it is unknown
 * @param port with a colon before it; empty for the default
 */
public record PageHost(String host, String port) {
  public static PageHost of(Request request) {
    String all = request.header("host").strip().toLowerCase(Locale.ROOT);
    int colon = all.lastIndexOf(':');
    boolean hasPort = colon > all.lastIndexOf(']');
    return hasPort
        ? new PageHost(all.substring(0, colon), all.substring(colon))
        : new PageHost(all, "");
  }

  /** Whether other machines cannot use this name. */
  public boolean isLocal() {
    String plain = host.replaceAll("^\\[|\\]$", "");
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(plain);
    return literal == null
        ? plain.isEmpty() || plain.equals("localhost") || plain.endsWith(".localhost")
        : literal.isLoopbackAddress();
  }

  /** The name of this machine for devices; empty if they cannot use the reader's name for it. */
  public String forDevices() {
    return isLocal() ? "" : host.replaceAll("^\\[|\\]$", "");
  }
}
