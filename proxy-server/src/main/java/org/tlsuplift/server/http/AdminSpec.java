package org.tlsuplift.server.http;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.signin.openid.OpenIdProvider;

/**
 * The settings of an admin port.
 *
 * @param bind its address; port 0 means any free port
 * @param tls its TLS, or null for plain HTTP
 * @param access the users and host names
 * @param front the proxies before it
 * @param openId the provider of {@link AdminAccess#openIdConnect}, or null
 * @param routes the resources besides metrics and health
 * @param actions what can be changed where {@link #missingForActions} is empty
 * @param problemPage tells people why a form was refused
 * @param journal records what was changed
 */
public record AdminSpec(
    InetSocketAddress bind,
    @Nullable AdminTls tls,
    AdminAccess access,
    AdminFront front,
    @Nullable OpenIdProvider openId,
    List<ResourcePath> routes,
    List<Action> actions,
    ProblemPage problemPage,
    AuditJournal journal) {
  public AdminSpec {
    routes = List.copyOf(routes);
    actions = List.copyOf(actions);
  }

  /** Whether browsers use https: only then they accept some cookies and headers. */
  boolean isHttps() {
    return tls != null || front.url() != null;
  }

  /** What the port lacks so that people can change something; empty if nothing. */
  String missingForActions() {
    return access.missingForActions(
        tls != null, bind.getAddress() != null && bind.getAddress().isLoopbackAddress());
  }
}
