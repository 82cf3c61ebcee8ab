package org.tlsuplift.server.authority;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ServerConfig;

/** The location of a certificate authority (CA), and the commands for it. */
public sealed interface CaSource permits CommonCaSource, ListenerCaSource {
  /** The CA for all listeners without their own CA. */
  static CaSource common(ServerConfig config) {
    return new CommonCaSource(config, Clock.systemUTC());
  }

  /** The CAs of single listeners, in the order of the checked configuration. */
  static List<ListenerCaSource> ofListeners(ServerConfig config) {
    return config.listeners().stream()
        .filter(listener -> listener.certificate().ownCa() != null)
        .map(listener -> new ListenerCaSource(config, listener))
        .toList();
  }

  /** The file with the CA's certificate. */
  Path file();

  /**
   * Loads the CA. Creates it if it does not exist and the operator has not provided one.
   *
   * @param progress receives lines for the operator
   * @throws OperatorException if the CA cannot be loaded or created
   */
  IssuingCa open(Consumer<String> progress) throws OperatorException;

  /**
   * Loads the CA if it exists.
   *
   * @throws OperatorException if the CA exists and cannot be loaded
   */
  Optional<IssuingCa> find() throws OperatorException;

  /**
   * The replacement of this CA by the next one.
   *
   * @throws OperatorException if the operator provided the CA; the message has the remedy
   */
  CaRotation rotation() throws OperatorException;

  /**
   * Creates the next CA, which does not sign yet.
   *
   * @param progress receives lines for the operator
   * @throws OperatorException if the operator provided the CA, or the next one cannot be created
   */
  KeptCa stage(Consumer<String> progress) throws OperatorException;

  /**
   * The staged or previous CA; empty if the operator provided the CA.
   *
   * @throws OperatorException if the kept CA exists and cannot be used
   */
  Optional<KeptCa> kept(KeptCa.Role role) throws OperatorException;

  /** The files that change when another CA is activated; empty if the operator provided the CA. */
  List<Path> watched();

  /** A command for this CA, such as {@code tls-uplift ca stage}. */
  String command(String verb);

  /** The listeners that the CA signs for, as text. */
  String scope();

  /** The names and addresses of this machine for devices. Queries DNS, so it may block. */
  List<String> machineNames();

  /**
   * The remedy to sign with another CA, as the end of a sentence; a CA that is staged is the other
   * one.
   */
  default String staging() {
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
  List<String> warnings(IssuingCa ca);

  /**
   * Lines for the operator that require no immediate action.
   *
   * @throws OperatorException if the CA's directory cannot be read
   */
  List<String> notes(IssuingCa ca) throws OperatorException;

  /** The notes about a CA that TLS Uplift created. */
  static List<String> notes(IssuingCa ca, CaStore store, CaSource source) throws OperatorException {
    List<String> notes = new ArrayList<>();
    List<String> missing = CaDifferences.missingLimits(ca);
    if (!missing.isEmpty()) {
      notes.add(
          "a new CA would be limited %s; %s works without these limits, and the next '%s' adds them"
              .formatted(
                  String.join(", and ", missing),
                  store.certificateFile(),
                  source.command("stage")));
    }
    for (Path retired : store.retiredKeys()) {
      notes.add(
          "%s is the key of a retired CA, which devices may still trust; erase it with '%s'"
              .formatted(retired, source.command("retire")));
    }
    return notes;
  }

  /** Adds a line if the CA was created with other settings. */
  static List<String> madeOtherwise(CaSource source, List<String> differences) {
    return differences.isEmpty()
        ? List.of()
        : List.of(
            "the CA %s was created with other settings: %s; to use the current settings, %s"
                .formatted(source.file(), String.join(", ", differences), source.staging()));
  }

  LeafSettings leafSettings();
}
