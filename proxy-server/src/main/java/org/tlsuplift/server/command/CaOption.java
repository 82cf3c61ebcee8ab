package org.tlsuplift.server.command;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.authority.CaStep;
import org.tlsuplift.server.authority.ListenerCaSource;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.terminal.CommandAudit;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The option {@code --listener}, which selects one of several CAs. */
@Command
final class CaOption {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(
      names = {"-l", "--listener"},
      paramLabel = "NAME",
      description =
          "The CA of this listener, which has its own ('certificate'). Default: the CA for all other"
              + " listeners.")
  private @Nullable String listener;

  Optional<String> listener() {
    return Optional.ofNullable(listener);
  }

  /** The name of the exported file of the signing CA, without extension. */
  String file() {
    return "tls-uplift-ca" + suffix();
  }

  /** The name of the exported file of the staged CA, without extension. */
  String stagedFile() {
    return "tls-uplift-staged-ca" + suffix();
  }

  private String suffix() {
    return listener == null ? "" : "-" + listener;
  }

  /** The selected CA; by default that of all listeners without their own CA. */
  CaSource source(ServerConfig config) {
    if (listener == null) {
      return CaSource.common(config);
    }
    List<ListenerCaSource> own = CaSource.ofListeners(config);
    return own.stream()
        .filter(each -> each.listener().equals(listener))
        .findFirst()
        .orElseThrow(
            () ->
                commandOutput.wrong(
                    "--listener: '"
                        + listener
                        + "' has no CA of its own; "
                        + (own.isEmpty()
                            ? "no listener of this configuration has a 'certificate'"
                            : "these have: "
                                + own.stream()
                                    .map(ListenerCaSource::listener)
                                    .collect(Collectors.joining(", ")))));
  }

  /** Takes a step of the replacement of the selected CA, and records it in the audit log. */
  CaSource take(CaStep step, ConfigOption config) throws Exception {
    ServerConfig loaded = config.load().config();
    CaSource source = source(loaded);
    String result = step.take(source, commandOutput::line);
    CommandAudit.record(
        commandOutput,
        loaded.dataDirectory(),
        "ca." + step.label(),
        Change.done(source.scope(), "", result));
    return source;
  }

  /** The CA of a source, which must exist already. */
  static IssuingCa existing(CaSource source) throws OperatorException {
    return source
        .find()
        .orElseThrow(
            () ->
                new OperatorException(
                    source.file()
                        + " does not exist; start 'tls-uplift run' once with this configuration"
                        + " to create it"));
  }

  /**
   * Lines with the same command for each listener with its own CA; empty if a listener is selected.
   */
  List<String> others(ServerConfig config, String command) {
    return listener != null
        ? List.of()
        : CaSource.ofListeners(config).stream()
            .map(
                each ->
                    "the listener %1$s has its own CA: tls-uplift ca %2$s --listener %1$s"
                        .formatted(each.listener(), command))
            .toList();
  }
}
