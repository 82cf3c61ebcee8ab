package org.tlsuplift.server.authority;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.SignableNames;
import org.tlsuplift.server.config.ServerConfig;

/** The location of a certificate authority (CA), and the commands for it. */
public abstract sealed class CaSource permits CommonCaSource, ListenerCaSource {
  final ServerConfig server;
  final CaStore store;
  final Clock clock;

  /** What the CA signs for. */
  final SignableNames names;

  private final List<String> machineNames;

  /**
   * @param machineNames names of this machine that are configured for devices
   */
  CaSource(
      ServerConfig server,
      SignableNames names,
      List<String> machineNames,
      CaStore store,
      Clock clock) {
    this.server = server;
    this.names = names;
    this.machineNames = machineNames;
    this.store = store;
    this.clock = clock;
  }

  /** The CA for all listeners without their own CA. */
  public static CaSource common(ServerConfig config) {
    return new CommonCaSource(config, Clock.systemUTC());
  }

  /** The CAs of single listeners, in the order of the checked configuration. */
  public static List<ListenerCaSource> ofListeners(ServerConfig config) {
    return config.listeners().stream()
        .filter(listener -> listener.certificate().ownCa() != null)
        .map(listener -> new ListenerCaSource(config, listener))
        .toList();
  }

  /** The file with the CA's certificate. */
  public Path file() {
    return store.certificateFile();
  }

  /**
   * Loads the CA. Creates it if it does not exist and the operator has not provided one.
   *
   * @param progress receives lines for the operator
   * @throws OperatorException if the CA cannot be loaded or created
   */
  public IssuingCa open(Consumer<String> progress) throws OperatorException {
    return store.open(this::settings, progress);
  }

  /**
   * Loads the CA if it exists.
   *
   * @throws OperatorException if the CA exists and cannot be loaded
   */
  public Optional<IssuingCa> find() throws OperatorException {
    return store.exists() ? Optional.of(store.load()) : Optional.empty();
  }

  /**
   * The replacement of this CA by the next one.
   *
   * @throws OperatorException if the operator provided the CA; the message has the remedy
   */
  public CaRotation rotation() throws OperatorException {
    return store.rotation();
  }

  /**
   * Creates the next CA, which does not sign yet.
   *
   * @param progress receives lines for the operator
   * @throws OperatorException if the operator provided the CA, or the next one cannot be created
   */
  public final KeptCa stage(Consumer<String> progress) throws OperatorException {
    return rotation().stage(settings(), progress);
  }

  /**
   * The staged or previous CA; empty if the operator provided the CA.
   *
   * @throws OperatorException if the kept CA exists and cannot be used
   */
  public Optional<KeptCa> kept(KeptCa.Role role) throws OperatorException {
    return store.rotation().kept(role);
  }

  /** The files that change when another CA is activated; empty if the operator provided the CA. */
  public List<Path> watched() {
    return store.rotation().watched();
  }

  /** A command for this CA, such as {@code tls-uplift ca stage}. */
  public abstract String command(String verb);

  /** The listeners that the CA signs for, as text. */
  public abstract String scope();

  /** The names and addresses of this machine for devices. Queries DNS, so it may block. */
  public final List<String> machineNames() {
    return ConfiguredNames.ofMachine(machineNames);
  }

  /**
   * The remedy to sign with another CA, as the end of a sentence; a CA that is staged is the other
   * one.
   */
  public String staging() {
    return "%sinstall the staged CA on the devices, and run '%s'"
        .formatted(isStaged() ? "" : "run '" + command("stage") + "', ", command("activate"));
  }

  private boolean isStaged() {
    try {
      return kept(KeptCa.Role.STAGED).isPresent();
    } catch (OperatorException unusable) {
      return false;
    }
  }

  /** The differences from the configuration, in lines for the operator. */
  public abstract List<String> warnings(IssuingCa ca);

  /**
   * Lines for the operator that require no immediate action.
   *
   * @throws OperatorException if the CA's directory cannot be read
   */
  public List<String> notes(IssuingCa ca) throws OperatorException {
    List<String> notes = new ArrayList<>();
    List<String> missing = CaDifferences.missingLimits(ca);
    if (!missing.isEmpty()) {
      notes.add(
          "a new CA would be limited %s; %s works without these limits, and the next '%s' adds them"
              .formatted(
                  String.join(", and ", missing), store.certificateFile(), command("stage")));
    }
    for (Path retired : store.retiredKeys()) {
      notes.add(
          "%s is the key of a retired CA, which devices may still trust; erase it with '%s'"
              .formatted(retired, command("retire")));
    }
    return notes;
  }

  /** Adds a line if the CA was created with other settings. */
  final List<String> madeOtherwise(List<String> differences) {
    return differences.isEmpty()
        ? List.of()
        : List.of(
            "the CA %s was created with other settings: %s; to use the current settings, %s"
                .formatted(file(), String.join(", ", differences), staging()));
  }

  /** A name constraint cannot express a route to every host. */
  boolean nameConstraints() {
    return server.certificateAuthority().nameConstraints() && !names.everything();
  }

  /** The settings of a new CA. */
  abstract CaSettings settings() throws OperatorException;

  public abstract LeafSettings leafSettings();
}
