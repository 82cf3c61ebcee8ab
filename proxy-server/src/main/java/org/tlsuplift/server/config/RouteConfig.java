package org.tlsuplift.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.config.secret.KeyFiles;

/**
 * An entry of {@code routes}.
 *
 * @param to endpoint lists and destinations, as written; {@link ConfiguredRoutes} parses them
 * @param whenModern the handling of modern devices; {@code BRIDGE} with a client certificate
 * @param clientCertificate for origins that request one, or null
 * @param egress for what {@code upstream} sets for all routes
 */
@SchemaRules(
    """
    allOf:
      - if: {required: [action], properties: {action: {enum: [tunnel, forward, deny]}}}
        then: {properties: {whenModern: false, clientCertificate: false}}
      - if: {required: [action], properties: {action: {const: deny}}}
        then: {properties: {via: false, sendProxyHeader: false}}
      - if: {required: [clientCertificate]}
        then: {properties: {whenModern: {const: bridge}}}
      - if: {required: [action], properties: {action: {const: forward}}}
        then:
          properties:
            to: {items: {pattern: '^(?![A-Za-z0-9_-]+:[A-Za-z])([^:\\[]+|\\[.*\\]):[^:]+$'}}
    """)
public record RouteConfig(
    @Key(required = true, form = To.class) List<String> to,
    @Key(required = true) Action action,
    @Key(fallback = "tunnel") WhenModern whenModern,
    @Key(schema = KeyFiles.REQUIRED) @Nullable KeyFiles clientCertificate,
    @Key(inline = true) EgressConfig egress)
    implements Checked {
  private static final String ALLOWED_TO_FORWARD =
      "a host, a pattern with * or an address block, with ports, such as 'crl3.digicert.com:80'";

  /** A tunnel cannot present a client certificate. */
  public RouteConfig {
    if (action != Action.BRIDGE) {
      clientCertificate = null;
    }
    if (clientCertificate != null) {
      whenModern = WhenModern.BRIDGE;
    }
  }

  @Override
  public void check(Section section) {
    if (action == Action.FORWARD && section.clean("to")) {
      forwarded(section);
    }
    if (action != Action.BRIDGE) {
      section.refuse("whenModern", "it is for 'action: bridge' only; remove it");
      section.refuse(
          "clientCertificate",
          "only a bridge can present it; write 'action: bridge', or remove the key");
    } else if (clientCertificate != null
        && section.has("whenModern")
        && !section.has("whenModern", "bridge")) {
      section.refuse(
          "whenModern", "a tunnel cannot present the 'clientCertificate'; remove the key");
    }
    KeyFiles.require(section, "clientCertificate", "set 'certificate' and 'key', or 'pkcs12'");
    if (action == Action.DENY) {
      String why = "a route with 'action: deny' opens no connection; remove the key";
      section.refuse("via", why);
      section.refuse("sendProxyHeader", why);
    }
  }

  /** Without a port, 443 is meant, which has no plain HTTP. */
  private void forwarded(Section section) {
    for (int i = 0; i < to.size(); i++) {
      String at = "to[" + i + "]";
      if (!ConfiguredRoutes.namesPorts(to.get(i))) {
        section.contradiction(
            at,
            ALLOWED_TO_FORWARD,
            "a route with 'action: forward' needs the ports; plain HTTP usually has port 80");
      } else if (Destination.parse(to.get(i)).ports().contains(SmtpReach.RECEIVING)) {
        section.contradiction(
            at,
            ALLOWED_TO_FORWARD,
            "leave out port 25: mail servers may execute the text of an HTTP request as SMTP commands");
      }
    }
  }

  /** A destination or the name of a list, which is kept as written. */
  @Form.Rules(
      expected =
          "microsoft365, or a host, a pattern with * or an address block, with or without ports (default 443), such as '*.contoso.example:443'",
      pattern =
          "^(microsoft365(:(exchange|sharepoint|mx|all|hve))?|azure-communication|google:mail"
              + "|(?![A-Za-z0-9_-]+(:[A-Za-z][A-Za-z0-9_-]*)?$)"
              + "(?!(microsoft365(:[a-z]+)?|azure-communication|google:mail):[0-9*])(?!.*//)\\S+)$")
  static final class To implements Form<String> {
    @Override
    public String parse(String text) {
      ConfiguredRoutes.check(text);
      return text;
    }
  }
}
