package org.tlsuplift.server.config.secret;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.FilePath;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;

/**
 * The files of a private key and its certificates.
 *
 * @param certificate in PEM, with intermediates, or null
 * @param key in PEM, or null
 * @param pkcs12 both in one file, or null
 * @param passwordFile the password of key or file, or null
 */
@SchemaRules(
    """
    allOf:
      - if: {required: [certificate]}
        then: {required: [key], properties: {pkcs12: false}}
        else: {properties: {key: false}}
      - if: {required: [pkcs12]}
        then: {required: [passwordFile]}
      - if: {anyOf: [{required: [certificate]}, {required: [pkcs12]}]}
        else: {properties: {passwordFile: false}}
    """)
public record KeyFiles(
    @Nullable Path certificate,
    @Nullable Path key,
    @Nullable Path pkcs12,
    @Nullable Path passwordFile)
    implements Checked {
  /** The rule of the JSON schema for files that must not be missing. */
  public static final String REQUIRED =
      "{anyOf: [{required: [certificate]}, {required: [pkcs12]}]}";

  /** The end of the name of a key that this program has made for an application. */
  public static final String APPLICATION_KEY = ".application.key.pem";

  /** The end of the names of the pair that a renewal keeps. */
  public static final String OLD = ".old";

  /** The pair that a renewal has kept beside these files; empty for files of the operator. */
  public Optional<KeyFiles> previous() {
    return certificate == null || key == null || !key.toString().endsWith(APPLICATION_KEY)
        ? Optional.empty()
        : Optional.of(new KeyFiles(Path.of(certificate + OLD), Path.of(key + OLD), null, null));
  }

  /** Whether one of the files is named. */
  public boolean isSet() {
    return certificate != null || key != null || pkcs12 != null || passwordFile != null;
  }

  /** Reports that a section with files has none. */
  public static void require(Section owner, String key, String remedy) {
    if (owner.has(key) && !owner.has(key + ".certificate") && !owner.has(key + ".pkcs12")) {
      owner.missing(key + ".certificate", FilePath.EXPECTED, remedy);
    }
  }

  @Override
  public void check(Section section) {
    boolean pem = section.has("certificate");
    boolean archive = section.has("pkcs12");
    if (!pem && !archive) {
      section.refuse("passwordFile", "'pkcs12' and 'key' are missing; add one, or remove the key");
    }
    if (pem && archive) {
      section.refuse("pkcs12", "'certificate' is set too; keep one of the two");
    }
    if (pem && !section.has("key")) {
      section.missing("key", FilePath.EXPECTED, "add the private key of 'certificate'");
    }
    if (!pem) {
      section.refuse("key", "'certificate' is missing; add it, or remove the key");
    }
    if (archive && !section.has("passwordFile")) {
      section.missing(
          "passwordFile", FilePath.EXPECTED, "add the file with the password of 'pkcs12'");
    }
  }
}
