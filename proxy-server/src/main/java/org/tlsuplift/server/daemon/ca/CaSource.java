package org.tlsuplift.server.daemon.ca;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlsuplift.proxy.ca.CaDifferences;
import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.CaStore;
import org.tlsuplift.proxy.ca.IssuingCa;
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
   * Makes a new one in place of the old.
   *
   * @param progress told in lines for the operator
   * @throws CaException when it is the operator's, or cannot be made
   */
  IssuingCa rotate(Consumer<String> progress) throws CaException;

  /** What no longer fits the configuration, in lines for the operator. */
  List<String> warnings(IssuingCa ca);

  /**
   * What there is to know and no reason to act at once, in lines for the operator.
   *
   * @throws CaException when its directory cannot be read
   */
  List<String> notes(IssuingCa ca) throws CaException;

  /**
   * The notes about a CA that was made here.
   *
   * @param rotate the command that makes a new one
   */
  static List<String> notes(IssuingCa ca, CaStore store, String rotate) throws CaException {
    List<String> notes = new ArrayList<>();
    List<String> missing = CaDifferences.missingLimits(ca);
    if (!missing.isEmpty()) {
      notes.add(
          "a new certificate authority would be limited "
              + String.join(", and ", missing)
              + "; "
              + store.certificateFile()
              + " works as it is, so let the next '"
              + rotate
              + "' add this");
    }
    for (Path retired : store.retiredKeys()) {
      notes.add(
          retired
              + " is the key of a retired certificate authority, which devices may still trust;"
              + " delete it: the next '"
              + rotate
              + "' does so too");
    }
    return notes;
  }

  /**
   * Says in one line that a CA was made with other settings; nothing where it was not.
   *
   * @param rotate the command that makes a new one
   */
  static List<String> madeOtherwise(Path file, List<String> differences, String rotate) {
    return differences.isEmpty()
        ? List.of()
        : List.of(
            "the certificate authority "
                + file
                + " was made with other settings: "
                + String.join(", ", differences)
                + "; it stays as it is until you run '"
                + rotate
                + "', restart, and give the devices the new certificate");
  }

  LeafSettings leafSettings();
}
