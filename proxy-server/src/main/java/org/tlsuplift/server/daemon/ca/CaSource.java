package org.tlsuplift.server.daemon.ca;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlsuplift.proxy.ca.CaDifferences;
import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.CaRotation;
import org.tlsuplift.proxy.ca.CaStore;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeptCa;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.server.config.ServerConfig;

/** Where a certificate authority comes from. */
public sealed interface CaSource permits CommonCaSource, ListenerCaSource {
  /** The authority for all listeners that have none of their own. */
  static CaSource common(ServerConfig config) {
    return new CommonCaSource(config, Clock.systemUTC());
  }

  /** The authorities of single listeners, in the order of a checked configuration. */
  static List<ListenerCaSource> ofListeners(ServerConfig config) {
    return config.listeners().stream()
        .filter(listener -> listener.certificate() != null)
        .map(listener -> new ListenerCaSource(config, listener))
        .toList();
  }

  /** The file with its certificate. */
  Path file();

  /**
   * Loads it; makes it if it is to be made here and is not there yet.
   *
   * @param progress told in lines for the operator
   * @throws CaException when it cannot be loaded or made
   */
  IssuingCa open(Consumer<String> progress) throws CaException;

  /**
   * Loads it if it is there.
   *
   * @throws CaException when it is there and cannot be loaded
   */
  Optional<IssuingCa> find() throws CaException;

  /**
   * Its replacement by a next one.
   *
   * @throws CaException when it is the operator's, with the remedy
   */
  CaRotation rotation() throws CaException;

  /**
   * Makes the next one beside it.
   *
   * @param progress told in lines for the operator
   * @throws CaException when it is the operator's, or cannot be made
   */
  KeptCa stage(Consumer<String> progress) throws CaException;

  /**
   * The one that is kept beside it in that role; none beside the operator's.
   *
   * @throws CaException when it is there and cannot be used
   */
  Optional<KeptCa> kept(KeptCa.Role role) throws CaException;

  /** The files that change when another one signs; none for the operator's. */
  List<Path> watched();

  /** A command about it, such as {@code tls-uplift ca stage}. */
  String command(String verb);

  /** Which listeners it signs for, in words. */
  String scope();

  /** The names by which devices may reach this machine. Asks the name service. */
  List<String> machineNames();

  /** How to let another one sign, as the end of a sentence. */
  default String staging() {
    return "run '"
        + command("stage")
        + "', install the staged CA on the devices, and run '"
        + command("activate")
        + "'";
  }

  /** What no longer fits the configuration, in lines for the operator. */
  List<String> warnings(IssuingCa ca);

  /**
   * Lines for the operator that need no action at once.
   *
   * @throws CaException when its directory cannot be read
   */
  List<String> notes(IssuingCa ca) throws CaException;

  /** The notes about a CA that was made here. */
  static List<String> notes(IssuingCa ca, CaStore store, CaSource source) throws CaException {
    List<String> notes = new ArrayList<>();
    List<String> missing = CaDifferences.missingLimits(ca);
    if (!missing.isEmpty()) {
      notes.add(
          "a new certificate authority would be limited "
              + String.join(", and ", missing)
              + "; "
              + store.certificateFile()
              + " works as it is, so let the next '"
              + source.command("stage")
              + "' add this");
    }
    for (Path retired : store.retiredKeys()) {
      notes.add(
          retired
              + " is the key of a retired certificate authority, which devices may still trust;"
              + " erase it with '"
              + source.command("retire")
              + "'");
    }
    return notes;
  }

  /** Reports in one line that a CA was made with other settings; nothing where it was not. */
  static List<String> madeOtherwise(CaSource source, List<String> differences) {
    return differences.isEmpty()
        ? List.of()
        : List.of(
            "the certificate authority "
                + source.file()
                + " was made with other settings: "
                + String.join(", ", differences)
                + "; to use them, "
                + source.staging());
  }

  LeafSettings leafSettings();
}
