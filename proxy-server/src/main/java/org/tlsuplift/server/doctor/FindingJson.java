package org.tlsuplift.server.doctor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;

/** Examinations for scripts. */
public final class FindingJson {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private FindingJson() {}

  /** An array with an object for each examination. */
  public static String write(List<Examination> examinations) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.setPrettyPrinter(new DefaultPrettyPrinter());
      out.writeStartArray();
      for (Examination examination : examinations) {
        examination(out, examination);
      }
      out.writeEndArray();
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
    return text.toString();
  }

  private static void examination(JsonGenerator out, Examination examination) throws IOException {
    out.writeStartObject();
    out.writeStringField("listener", examination.listener());
    out.writeStringField("origin", examination.origin());
    if (!examination.mailbox().isEmpty()) {
      out.writeStringField("mailbox", examination.mailbox());
    }
    Ailment ailment = examination.ailment().orElse(null);
    if (ailment != null) {
      out.writeStringField("ailment", name(ailment));
      out.writeNumberField("exitCode", ailment.exitCode());
    }
    out.writeArrayFieldStart("steps");
    for (Finding finding : examination.findings()) {
      step(out, finding);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void step(JsonGenerator out, Finding finding) throws IOException {
    out.writeStartObject();
    out.writeStringField("step", finding.step().label());
    out.writeStringField("outcome", finding.outcome().name().toLowerCase(Locale.ROOT));
    out.writeStringField("seen", finding.seen());
    Ailment ailment = finding.ailment();
    if (ailment != null) {
      out.writeStringField("ailment", name(ailment));
    }
    if (!finding.remedy().isEmpty()) {
      out.writeArrayFieldStart("remedy");
      for (String line : finding.remedy()) {
        out.writeString(line.strip());
      }
      out.writeEndArray();
    }
    out.writeEndObject();
  }

  private static String name(Ailment ailment) {
    return ailment.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
