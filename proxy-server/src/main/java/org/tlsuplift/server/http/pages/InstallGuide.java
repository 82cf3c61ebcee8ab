package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.server.authority.CaExport.Format;
import org.tlsuplift.server.manual.Manual;
import org.tlsuplift.server.manual.ManualPage;

/**
 * How to install a CA certificate on a maker's devices: a section of the manual.
 *
 * @param file the format that they accept, which the section names first
 * @param steps as HTML; needs no more escaping
 */
public record InstallGuide(String maker, String anchor, Format file, String steps) {
  private static final Pattern FORMAT = Pattern.compile("\\.(pem|cer)\\b");

  /** The guides for all makers and systems. The first call reads the manual. */
  static List<InstallGuide> all() {
    ManualPage manual = Manual.get().page("install-ca").orElseThrow();
    return manual.sections().stream()
        .dropWhile(section -> !section.anchor().equals("printers-and-scanners"))
        .skip(1)
        .takeWhile(section -> !section.anchor().equals("what-the-ca-may-sign"))
        .map(section -> of(section, manual.html(section)))
        .toList();
  }

  private static InstallGuide of(ManualPage.Section section, String steps) {
    Matcher first = FORMAT.matcher(steps);
    Format file = first.find() && first.group(1).equals("cer") ? Format.DER : Format.PEM;
    return new InstallGuide(section.title(), section.anchor(), file, steps);
  }

  /** The maker alone. */
  public String shortName() {
    return maker.replaceAll("^(HP|Canon|Xerox|Konica Minolta|Kyocera|Epson)\\b.*", "$1");
  }
}
