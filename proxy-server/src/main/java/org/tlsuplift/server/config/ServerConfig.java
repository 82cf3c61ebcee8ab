package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.FilePath;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.microsoft365.Cloud;

/**
 * The configuration, with the structure of the YAML; {@code config/tls-uplift.yaml} explains it.
 *
 * <p>{@link ConfigLoader} returns only checked configurations. Relative paths are relative to the
 * working directory.
 *
 * @param listeners at least one
 * @param mail the rules for messages of listeners without their own, or null for none; {@link
 *     ListenerConfig#mail} already has them
 * @param routes in the order of matching, at least one
 * @param signIn null if no device signs in here
 * @param database null if this is the only instance
 * @param accessLog null for none
 * @param notifications the section {@code notify}, which no record component may be called; null
 *     for none
 */
@SchemaRules(
    """
    allOf:
      - if:
          anyOf:
            - {required: [log], properties: {log: {type: object, required: [target], properties: {target: {const: syslog}}}}}
            - required: [accessLog]
              properties:
                accessLog:
                  type: object
                  required: [target]
                  properties: {target: {anyOf: [{const: syslog}, {type: array, contains: {const: syslog}}]}}
        then: {required: [log], properties: {log: {required: [syslog]}}}
        else: {properties: {log: {properties: {syslog: false}}}}
    if:
      required: [listeners]
      properties:
        listeners: {type: array, contains: {type: object, required: [signIn], properties: {signIn: {const: true}}}}
    then: {required: [signIn]}
    """)
public record ServerConfig(
    @Key(form = FilePath.Written.class, expected = "the path of a directory", restart = true)
        Path dataDirectory,
    DevicesConfig devices,
    @Key(schema = "{type: [object, 'null']}") @Nullable MailConfig mail,
    @Key(
            required = true,
            expected = "a list of at least one listener",
            remedy = "add a listener, so that devices can connect: tls-uplift manual listeners")
        List<ListenerConfig> listeners,
    List<RouteConfig> routes,
    Microsoft365Config microsoft365,
    UpstreamConfig upstream,
    @Nullable SignInConfig signIn,
    CertificateAuthorityConfig certificateAuthority,
    AdminConfig admin,
    MetricsConfig metrics,
    @Key(restart = true) @Nullable DatabaseConfig database,
    InventoryConfig inventory,
    @Key(restart = true) MessagesConfig messages,
    @Nullable AccessLogConfig accessLog,
    @Key(name = "notify") @Nullable NotifyConfig notifications,
    LogConfig log,
    LimitsConfig limits,
    @Key(restart = true) Transport transport,
    @Key(restart = true) Rsa rsa)
    implements Checked {
  /** Gives listeners and tenants what they inherit. */
  public ServerConfig {
    MailConfig ofAll = mail;
    listeners = listeners.stream().map(listener -> listener.inheriting(ofAll)).toList();
    routes = List.copyOf(routes);
    signIn = signIn == null ? null : signIn.in(microsoft365.cloud());
  }

  /** A copy with another port in {@code admin.bind}. */
  public ServerConfig onAdminPort(int port) {
    return new ServerConfig(
        dataDirectory,
        devices,
        mail,
        listeners,
        routes,
        microsoft365,
        upstream,
        signIn,
        certificateAuthority,
        admin.onPort(port),
        metrics,
        database,
        inventory,
        messages,
        accessLog,
        notifications,
        log,
        limits,
        transport,
        rsa);
  }

  @Override
  public void check(Section section) {
    syslog(section);
    if (signIn != null) {
      for (SignInTenant tenant : signIn.tenants()) {
        String key = signIn.path(tenant) + ".service";
        if (tenant.service() == SignInTenant.Service.HVE && tenant.cloud() == Cloud.CHINA) {
          section.contradiction(
              key, "exchange", "High Volume Email does not exist in 21Vianet's cloud");
        }
      }
    }
  }

  private void syslog(Section section) {
    boolean used =
        log.target() == LogConfig.Target.SYSLOG
            || (accessLog != null && accessLog.targets().contains(AccessLogConfig.Target.SYSLOG));
    if (used && !section.has("log.syslog")) {
      section.missing("log.syslog", "a section with the address of the server", "");
    } else if (!used && section.clean("log.target")) {
      section.refuse(
          "log.syslog", "nothing goes to syslog; write 'target: syslog', here or in 'accessLog'");
    }
  }

  /** The network I/O of Netty. */
  public enum Transport implements Labelled {
    /** The best that this machine supports. */
    AUTO,
    /** The JDK's selectors, available everywhere. */
    NIO,
    EPOLL,
    IO_URING
  }

  /** The library that uses the RSA keys of the certificates for devices. */
  public enum Rsa implements Labelled {
    /** The faster one of this machine, by a measurement. */
    AUTO,
    BORINGSSL,
    /** The system's libcrypto of OpenSSL 3, on Linux with Java 22 or later. */
    LIBCRYPTO
  }
}
