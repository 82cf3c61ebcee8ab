package org.tlsuplift.server.inventory;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.tlsuplift.proxy.model.Labelled;

/** What operators know about, so that it is no problem until it changes. Thread-safe. */
public interface Acknowledgements {
  /** What can be acknowledged. */
  enum Kind implements Labelled.WithDashes {
    SILENT_SENDER,
    EXPIRY
  }

  /**
   * Something that can be acknowledged.
   *
   * @param item the address of a device, or what expires
   * @param state the time of the latest mail, or of the expiry: with another one it is news
   */
  record Subject(Kind kind, String item, Instant state) {
    public Subject {
      state = Instant.ofEpochMilli(state.toEpochMilli());
    }
  }

  /**
   * @param who acknowledged it
   */
  record Acknowledgement(Subject subject, String who, Instant at, String note) {}

  /** Empty if nobody knows about it. Never blocks; up to a minute old. */
  Optional<Acknowledgement> find(Subject subject);

  /** Replaces that of an earlier state. Blocks. */
  void add(Acknowledgement acknowledgement) throws SQLException;

  /** Takes it back. Blocks. */
  void remove(Subject subject) throws SQLException;
}
