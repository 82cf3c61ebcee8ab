package org.tlsuplift.server.http.pages;

import java.util.List;
import org.tlsuplift.server.cluster.Instance;
import org.tlsuplift.server.console.PageText;

/**
 * An instance that shares the database.
 *
 * @param otherCa whether it signs with another CA than this instance
 */
record InstanceRow(Instance instance, boolean otherCa) {
  /** Four bytes are enough to compare CAs of one operator. */
  private static final int SHOWN = 11;

  static List<InstanceRow> of(List<Instance> instances) {
    String own =
        instances.stream()
            .filter(Instance::self)
            .map(each -> each.report().ca())
            .findFirst()
            .orElse("");
    return instances.stream()
        .map(
            each ->
                new InstanceRow(
                    each, each.live() && !own.isEmpty() && !each.report().ca().equals(own)))
        .toList();
  }

  /** Whether it lives. */
  String state() {
    return otherCa
        ? "Another CA"
        : instance.self() ? "This one" : instance.live() ? "Live" : "Gone";
  }

  /** The class of the state's colour. */
  String tone() {
    return otherCa ? "bad" : instance.live() ? "good" : "calm";
  }

  /** The start of a fingerprint. */
  static String start(String fingerprint) {
    return PageText.visible(fingerprint.substring(0, Math.min(SHOWN, fingerprint.length())));
  }
}
