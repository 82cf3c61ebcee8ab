package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.core.ConsoleAppender;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class DefaultLoggingTest {
  private final LoggerContext context = new LoggerContext();

  @Test
  void theDaemonsAppenderWritesToStandardOutput() {
    assertThat(DefaultLogging.configure(context, null))
        .isEqualTo(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    assertThat(root.getAppender("BOUNDED"))
        .isInstanceOfSatisfying(
            BoundedAppender.class,
            bounded ->
                assertThat(bounded.getAppender("STDOUT"))
                    .isInstanceOfSatisfying(
                        ConsoleAppender.class, each -> assertThat(each.isStarted()).isTrue()));
    assertThat(context.getLogger("org.tlsuplift.server.Main").getEffectiveLevel())
        .isEqualTo(Level.INFO);
    assertThat(context.getLogger("io.netty").getEffectiveLevel()).isEqualTo(Level.WARN);
    assertThat(context.getLogger("com.microsoft.aad.msal4j.X").getEffectiveLevel())
        .as("it quotes answers of the identity platform")
        .isEqualTo(Level.OFF);
  }

  @Test
  void isFoundByTheServiceLoaderAndYieldsToAnOperatorsFile() {
    assertThat(ServiceLoader.load(Configurator.class))
        .hasAtLeastOneElementOfType(DefaultLogging.class);
    assertThat(DefaultLogging.configure(context, "own.xml"))
        .isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);
  }
}
