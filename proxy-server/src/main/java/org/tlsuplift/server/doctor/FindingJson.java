package org.tlsuplift.server.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** Examinations for scripts. */
public final class FindingJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private FindingJson() {}

  /** An array with an object for each examination. */
  public static String write(List<Examination> examinations) {
    ArrayNode all = JSON.createArrayNode();
    for (Examination examination : examinations) {
      ObjectNode one = all.addObject();
      one.put("listener", examination.listener());
      one.put("origin", examination.origin());
      if (!examination.mailbox().isEmpty()) {
        one.put("mailbox", examination.mailbox());
      }
      examination.ailment().ifPresent(ailment -> one.put("ailment", name(ailment)));
      examination.ailment().ifPresent(ailment -> one.put("exitCode", ailment.exitCode()));
      ArrayNode steps = one.putArray("steps");
      examination.findings().forEach(finding -> step(steps.addObject(), finding));
    }
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void step(ObjectNode step, Finding finding) {
    step.put("step", finding.step().label());
    step.put("outcome", finding.outcome().name().toLowerCase(Locale.ROOT));
    step.put("seen", finding.seen());
    Ailment ailment = finding.ailment();
    if (ailment != null) {
      step.put("ailment", name(ailment));
    }
    if (!finding.remedy().isEmpty()) {
      ArrayNode remedy = step.putArray("remedy");
      finding.remedy().forEach(line -> remedy.add(line.strip()));
    }
  }

  private static String name(Ailment ailment) {
    return ailment.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
