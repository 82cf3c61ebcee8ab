package org.tlsuplift.server.console;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * A useful step.
 *
 * @param what to do, in one sentence
 * @param why the reason, or how to do it; may be empty
 */
public record NextStep(String what, String why, @JsonIgnore List<Link> links) {
  /** A link and its text. */
  public record Link(String label, String address) {}
}
