package org.tlsuplift.server.config.load;

import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.yaml.FilePath;
import org.tlsuplift.server.config.yaml.Section;

/**
 * Reads the files of a key and its certificates, in PEM or PKCS#12; the keys are the same
 * everywhere.
 */
final class KeyFilesReader {
  private KeyFilesReader() {}

  /** Reads the keys, and refuses those that exclude each other; does not end the section. */
  static KeyFiles read(Section section) {
    boolean pem = section.has("certificate");
    boolean pkcs12 = section.has("pkcs12");
    if (!pem && !pkcs12) {
      section.refuse("passwordFile", "'pkcs12' and 'key' are missing; add one, or remove the key");
    }
    if (pem && pkcs12) {
      section.refuse("pkcs12", "'certificate' is set too; keep one of the two");
    }
    if (pem && !section.has("key")) {
      section.missing("key", ConfigReader.PATH, "add the private key of 'certificate'");
    }
    if (!pem) {
      section.refuse("key", "'certificate' is missing; add it, or remove the key");
    }
    if (pkcs12 && !section.has("passwordFile")) {
      section.missing(
          "passwordFile", ConfigReader.PATH, "add the file with the password of 'pkcs12'");
    }
    return new KeyFiles(
        section.value("certificate", ConfigReader.PATH, FilePath::of).orElse(null),
        section.value("key", ConfigReader.PATH, FilePath::of).orElse(null),
        section.value("pkcs12", ConfigReader.PATH, FilePath::of).orElse(null),
        section.value("passwordFile", ConfigReader.PATH, FilePath::of).orElse(null));
  }
}
