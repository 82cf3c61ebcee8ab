package org.tlsuplift.server.config;

import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.binding.Form;

/** A host name or an address without a port, for a certificate; normalised. */
@Form.Rules(pattern = ServerName.PATTERN)
final class ServerName implements Form<String> {
  static final String PATTERN = "^([^\\s:/@*\\[\\]]+|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$";

  @Override
  public String parse(String text) {
    String name = HostPort.normalise(text);
    if (!HostPort.isHostName(name) && !HostPort.isAddressLiteral(name)) {
      throw new IllegalArgumentException(
          text.contains("*")
              ? "old devices do not support * in certificates; list each name"
              : name.contains(":") ? "remove the port" : "");
    }
    return name;
  }
}
