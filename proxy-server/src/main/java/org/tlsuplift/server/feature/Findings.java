package org.tlsuplift.server.feature;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The findings of a check, each of which is reported as soon as its step has ended. */
public final class Findings {
  private final List<Finding> all = new ArrayList<>();
  private final Consumer<Finding> progress;

  public Findings(Consumer<Finding> progress) {
    this.progress = progress;
  }

  public void add(Finding finding) {
    all.add(finding);
    progress.accept(finding);
  }

  public boolean noneFailed() {
    return all.stream().noneMatch(Finding::isFailure);
  }

  public List<Finding> all() {
    return List.copyOf(all);
  }
}
