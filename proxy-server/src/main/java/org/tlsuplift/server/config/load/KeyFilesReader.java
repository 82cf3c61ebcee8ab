package org.tlsuplift.server.config.load;

import java.nio.file.Path;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.yaml.Section;

/**
 * Reads where a key and its certificates are: in PEM or in PKCS#12, under the same keys anywhere.
 */
final class KeyFilesReader {
  private KeyFilesReader() {}

  /**
   * Reads the keys and refuses what does not go together; the section is not ended.
   *
   * @param use what the key is for, as the end of "a 'certificate' needs the key it ..."
   */
  static KeyFiles read(Section section, String use) {
    boolean pem = section.has("certificate");
    boolean pkcs12 = section.has("pkcs12");
    if (!pem && !pkcs12) {
      section.refuse("passwordFile", "there is no 'pkcs12' and no 'key' for it");
    }
    if (pem && pkcs12) {
      section.refuse("pkcs12", "'certificate' is given too; keep one of the two");
    }
    if (pem && !section.has("key")) {
      section.missing("key", ConfigReader.PATH, "a 'certificate' needs the key it " + use);
    }
    if (!pem) {
      section.refuse("key", "there is no 'certificate' for it");
    }
    if (pkcs12 && !section.has("passwordFile")) {
      section.missing("passwordFile", ConfigReader.PATH, "a 'pkcs12' file has a password");
    }
    return new KeyFiles(
        section.value("certificate", ConfigReader.PATH, Path::of).orElse(null),
        section.value("key", ConfigReader.PATH, Path::of).orElse(null),
        section.value("pkcs12", ConfigReader.PATH, Path::of).orElse(null),
        section.value("passwordFile", ConfigReader.PATH, Path::of).orElse(null));
  }
}
