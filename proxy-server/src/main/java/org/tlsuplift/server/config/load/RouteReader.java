package org.tlsuplift.server.config.load;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.server.config.ConfiguredRoutes;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SmtpReach;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads one route, and refuses keys that have no effect with its {@code action}. */
final class RouteReader {
  private static final String ALLOWED_TO_FORWARD =
      "a host, a pattern with * or an address block, with ports, such as 'crl3.digicert.com:80'";

  private RouteReader() {}

  static ServerConfig.Route read(Section section) {
    if (!section.has("to")) {
      section.missing("to", ConfiguredRoutes.ALLOWED, "");
    }
    List<String> to = section.list("to", ConfiguredRoutes.ALLOWED, RouteReader::destination);
    Action action = section.requiredWord("action", Words.of(Action.values())).orElse(Action.DENY);
    if (action == Action.FORWARD && section.clean("to")) {
      section.list("to", ALLOWED_TO_FORWARD, RouteReader::forwarded);
    }
    boolean bridges = action == Action.BRIDGE || !section.clean("action");
    if (!bridges) {
      section.refuse("whenModern", "it is for 'action: bridge' only; remove it");
      section.refuse(
          "clientCertificate",
          "only a bridge can present it; write 'action: bridge', or remove the key");
    }
    WhenModern whenModern =
        section.word("whenModern", ConfigReader.WHEN_MODERN).orElse(WhenModern.TUNNEL);
    KeyFiles certificate =
        bridges && section.has("clientCertificate") ? certificate(section) : null;
    if (certificate != null && section.has("whenModern") && whenModern == WhenModern.TUNNEL) {
      section.refuse(
          "whenModern", "a tunnel cannot present the 'clientCertificate'; remove the key");
    }
    if (action == Action.DENY && section.clean("action")) {
      EgressKeys.refuse(section);
    }
    EgressKeys exit = EgressKeys.read(section);
    section.end();
    return new ServerConfig.Route(
        to,
        action,
        certificate == null ? whenModern : WhenModern.BRIDGE,
        certificate,
        exit.via(),
        exit.sendProxyHeader());
  }

  private static @Nullable KeyFiles certificate(Section route) {
    Section section = route.section("clientCertificate");
    if (!section.has("certificate") && !section.has("pkcs12")) {
      section.missing("certificate", ConfigReader.PATH, "set 'certificate' and 'key', or 'pkcs12'");
    }
    KeyFiles files = KeyFilesReader.read(section);
    section.end();
    return files;
  }

  /** Without a port, 443 is meant, which has no plain HTTP. */
  private static String forwarded(String text) {
    if (!ConfiguredRoutes.namesPorts(text)) {
      throw new IllegalArgumentException(
          "a route with 'action: forward' needs the ports; plain HTTP usually has port 80");
    }
    if (Destination.parse(text).ports().contains(SmtpReach.RECEIVING)) {
      throw new IllegalArgumentException(
          "leave out port 25: mail servers may execute the text of an HTTP request as SMTP commands");
    }
    return text;
  }

  private static String destination(String text) {
    // Validates only: a destination is kept as written.
    ConfiguredRoutes.check(text);
    return text;
  }
}
