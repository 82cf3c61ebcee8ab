package org.tlsuplift.server.pages;

import java.time.Instant;
import java.util.List;
import org.tlsuplift.server.instances.Instance;
import org.tlsuplift.server.pages.text.PageText;
import org.tlsuplift.server.pages.text.When;

/**
 * An instance that shares the database, as texts.
 *
 * @param name of its machine, with its admin port
 * @param state whether it lives
 * @param tone the class of the state's colour
 * @param generation of its configuration
 * @param seen its latest report
 */
record InstanceRow(
    String name,
    String state,
    String tone,
    String version,
    String generation,
    String sessions,
    When seen) {
  static List<InstanceRow> of(List<Instance> instances, Instant now) {
    return instances.stream().map(each -> of(each, now)).toList();
  }

  private static InstanceRow of(Instance instance, Instant now) {
    return new InstanceRow(
        PageText.visible(instance.report().name()),
        instance.self() ? "This one" : instance.live() ? "Live" : "Gone",
        instance.live() ? "good" : "calm",
        PageText.visible(instance.report().version()),
        PageText.number(instance.report().generation()),
        PageText.number(instance.report().sessions()),
        When.of(instance.seen(), now));
  }
}
