package org.tlsuplift.server.log;

import ch.qos.logback.classic.ClassicConstants;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.jspecify.annotations.Nullable;

/**
 * Sets up the log, unless the operator names a file for that. In a file it would cost each start
 * the classes that read XML. Logback finds this class by the service loader.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class DefaultLogging extends ContextAwareBase implements Configurator {
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    return configure(context, System.getProperty(ClassicConstants.CONFIG_FILE_PROPERTY));
  }

  /**
   * @param file of the operator, or null
   */
  static ExecutionStatus configure(LoggerContext context, @Nullable String file) {
    if (file != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    // One event, one line; nothing that a device or an origin sends can forge one.
    LineEncoder encoder = new LineEncoder();
    encoder.setContext(context);
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setName("STDOUT");
    console.setEncoder(encoder);
    console.start();
    // In the daemon, lines are limited, and nobody waits for standard output.
    BoundedAppender bounded = new BoundedAppender();
    bounded.setContext(context);
    bounded.setName("BOUNDED");
    bounded.addAppender(console);
    bounded.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(bounded);

    context.getLogger("org.tlsuplift").setLevel(Level.INFO);
    // MSAL quotes the responses of the identity platform; TLS Uplift logs what an operator needs.
    context.getLogger("com.microsoft.aad.msal4j").setLevel(Level.OFF);
    // The inventory logs an unreachable database once, and not at each attempt.
    context.getLogger("com.zaxxer.hikari").setLevel(Level.ERROR);
    context.getLogger("org.flywaydb").setLevel(Level.OFF);
    // Netty warns of each peer that accepts no more data; the session's line names that peer and
    // the reason. To report: "SslHandler warns of a close_notify that the peer does not read, which
    // any peer can cause." Delete when it does not.
    context.getLogger("io.netty.handler.ssl.SslHandler").setLevel(Level.ERROR);
    // It warns of public name servers, which TLS Uplift never queries (SystemNameServers). To
    // report: "DefaultDnsServerAddressStreamProvider warns when its class is loaded, also if nobody
    // uses it." Delete when it does not.
    context
        .getLogger("io.netty.resolver.dns.DefaultDnsServerAddressStreamProvider")
        .setLevel(Level.ERROR);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
