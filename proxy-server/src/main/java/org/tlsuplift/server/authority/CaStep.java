package org.tlsuplift.server.authority;

import java.util.function.Consumer;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.Fingerprint;

/** A step of the replacement of a CA; see {@link CaRotation}. */
public enum CaStep implements Labelled {
  STAGE,
  ACTIVATE,
  UNDO,
  RETIRE;

  /**
   * Takes the step.
   *
   * @return what holds now, for the audit log
   */
  public String take(CaSource source, Consumer<String> progress) throws OperatorException {
    return switch (this) {
      case STAGE -> "staged SHA-256 " + source.stage(progress).sha256();
      case ACTIVATE ->
          "signs now SHA-256 " + Fingerprint.sha256(source.rotation().activate(progress).anchor());
      case UNDO ->
          source.rotation().undo(progress) == CaRotation.Undone.WENT_BACK
              ? "the previous CA signs again"
              : "the staged CA is dropped";
      case RETIRE -> {
        source.rotation().retire(progress);
        yield "the key of the previous CA is erased";
      }
    };
  }
}
