package org.tlsuplift.server.daemon;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.server.authority.ConfiguredNames;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.doctor.PathFailure;
import org.tlsuplift.server.feature.FailureKind;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;
import org.tlsuplift.server.spool.SmtpTransport;
import org.tlsuplift.server.spool.SpoolCheck;
import org.tlsuplift.server.spool.SpoolCommand;
import org.tlsuplift.server.spool.SpoolDelivery;
import org.tlsuplift.server.spool.SpoolFailure;
import org.tlsuplift.server.spool.SpoolSection;
import org.tlsuplift.server.spool.SpoolSettings;
import org.tlsuplift.server.terminal.FeatureCommand;

/**
 * The features, in the order of dependency: the only list of them. What a feature has is what it
 * implements.
 */
public final class Features {
  private Features() {}

  /** What the features say about a checked configuration. */
  public static <F> List<F> having(Class<F> face, LoadedConfig loaded) {
    return Stream.concat(
            OpenIdSource.check(loaded), Stream.of(new SpoolCheck(spool(loaded.config()))))
        .filter(face::isInstance)
        .map(face::cast)
        .toList();
  }

  public static List<FeatureCommand> commands() {
    return List.of(
        new FeatureCommand(
            155,
            () -> SpoolCommand.line(file -> spool(ConfigLoader.loadOrDefault(file).config()))));
  }

  /** All kinds of failure that the doctor may find, with unique exit codes. */
  public static List<FailureKind> failures() {
    return Stream.of(PathFailure.values(), SpoolFailure.values())
        .<FailureKind>flatMap(Stream::of)
        .toList();
  }

  /**
   * @param live the configuration in use, from the first commit on
   */
  static RunningFeatures of(
      ServerConfig config,
      Supplier<LiveConfiguration> live,
      SessionRecords records,
      Schedule schedule) {
    return new RunningFeatures(
        List.of(
            new RunningFeatures.Entry<>(
                new SpoolDelivery(
                    spool(config),
                    new Outlets(live, records),
                    new SpoolDelivery.Records(
                        records.metrics().meters(), records.trail(), records::labels),
                    schedule,
                    ConfiguredNames.thisHost()),
                Features::spool)));
  }

  private static SpoolSettings spool(ServerConfig config) {
    DatabaseConfig database = config.database();
    Map<String, SpoolSection> sections =
        config.listeners().stream()
            .filter(each -> each.mail() != null && each.mail().spool() != null)
            .collect(Collectors.toMap(ListenerConfig::name, each -> each.mail().spool()));
    return new SpoolSettings(
        config.dataDirectory(),
        sections,
        database == null ? null : () -> SharedDatabase.place(database),
        database == null ? null : database.keyFile());
  }

  /** How messages leave that no session takes along. */
  private record Outlets(Supplier<LiveConfiguration> live, SessionRecords records)
      implements SpoolDelivery.Outlets {
    @Override
    public List<ListenerSpec> listeners() {
      return live.get().current().resolved().listeners();
    }

    @Override
    public SmtpTransport.Way way(@Nullable ListenerSpec listener, String mailbox) {
      LiveConfiguration now = live.get();
      Generation generation = now.current();
      SignInGeneration signIn = generation.signIn();
      return new SmtpTransport.Way(
          now.proxy().upstream(),
          now.proxy().eventLoops().next(),
          generation.resolved().routes(),
          listener,
          records.originOutages(),
          now.proxy().learntCapabilities(),
          signIn == null || mailbox.isEmpty() ? Optional.empty() : signIn.accountOf(mailbox));
    }

    @Override
    public Transport transport(OutgoingMessage message, Transport smtp) {
      SignInGeneration signIn = live.get().current().signIn();
      return signIn == null ? smtp : signIn.transport(message, smtp, records.originOutages());
    }
  }
}
