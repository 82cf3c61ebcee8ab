package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.SharedTicketKeys;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.authority.CertificateAuthorities;
import org.tlsuplift.server.authority.ConfiguredNames;
import org.tlsuplift.server.authority.KeptCa;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.cluster.InstanceReport;
import org.tlsuplift.server.cluster.Instances;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.process.Version;
import org.tlsuplift.server.seal.SealKey;

/** Opens the shared database of a checked configuration. */
final class InstancesSource {
  private InstancesSource() {}

  /**
   * Opens the database, and reports nothing yet.
   *
   * @param live the configuration in use, and its sessions; not before {@link Instances#start}
   * @return null without {@code database}
   */
  static @Nullable Instances open(
      ServerConfig config, Supplier<LiveConfiguration> live, Schedule schedule)
      throws OperatorException {
    DatabaseConfig database = config.database();
    if (database == null) {
      return null;
    }
    String name = name(config);
    String version = Version.current().number();
    return Instances.open(
        SharedDatabase.place(database), () -> report(name, version, live.get()), schedule);
  }

  /** The name of this daemon: several on one machine have different admin ports. */
  static String name(ServerConfig config) {
    return ConfiguredNames.thisHost() + ":" + config.admin().bind().port();
  }

  /**
   * The keys of session tickets that all instances have.
   *
   * @return null without {@code database.keyFile}; then each instance has its own
   */
  static @Nullable SharedTicketKeys ticketKeys(ServerConfig config) throws OperatorException {
    DatabaseConfig database = config.database();
    if (database == null || database.keyFile() == null) {
      return null;
    }
    return new SharedTicketKeys(SealKey.read(database.keyFile()).ticketSecret(), Clock.systemUTC());
  }

  private static InstanceReport report(String name, String version, LiveConfiguration live) {
    CertificateAuthorities authorities = live.current().authorities();
    return new InstanceReport(
        name,
        version,
        live.state().generation(),
        live.proxy().sessions(),
        Fingerprint.sha256(authorities.common().certificate()),
        authorities.kept().staged().map(KeptCa::sha256).orElse(null));
  }
}
