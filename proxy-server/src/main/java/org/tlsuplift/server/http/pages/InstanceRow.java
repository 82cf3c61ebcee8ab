package org.tlsuplift.server.http.pages;

import java.time.Instant;
import java.util.List;
import org.tlsuplift.server.cluster.Instance;

/**
 * An instance that shares the database, as texts.
 *
 * @param name of its machine, with its admin port
 * @param state whether it lives
 * @param tone the class of the state's colour
 * @param generation of its configuration
 * @param ca the start of the fingerprint of its CA
 * @param stagedCa that of its next CA, or empty
 * @param seen its latest report
 */
record InstanceRow(
    String name,
    String state,
    String tone,
    String version,
    String generation,
    String sessions,
    String ca,
    String stagedCa,
    When seen) {
  /** Four bytes are enough to compare CAs of one operator. */
  private static final int SHOWN = 11;

  static List<InstanceRow> of(List<Instance> instances, Instant now) {
    String ca =
        instances.stream()
            .filter(Instance::self)
            .map(each -> each.report().ca())
            .findFirst()
            .orElse("");
    return instances.stream().map(each -> of(each, ca, now)).toList();
  }

  /**
   * @param ownCa of this instance
   */
  private static InstanceRow of(Instance instance, String ownCa, Instant now) {
    boolean otherCa = instance.live() && !ownCa.isEmpty() && !instance.report().ca().equals(ownCa);
    return new InstanceRow(
        PageText.visible(instance.report().name()),
        otherCa ? "Another CA" : instance.self() ? "This one" : instance.live() ? "Live" : "Gone",
        otherCa ? "bad" : instance.live() ? "good" : "calm",
        PageText.visible(instance.report().version()),
        PageText.number(instance.report().generation()),
        PageText.number(instance.report().sessions()),
        start(instance.report().ca()),
        instance.report().stagedCa() == null ? "" : start(instance.report().stagedCa()),
        When.of(instance.seen(), now));
  }

  private static String start(String fingerprint) {
    return PageText.visible(fingerprint.substring(0, Math.min(SHOWN, fingerprint.length())));
  }
}
