package org.tlsuplift.server.init;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.TlsRuntime;
import org.tlsuplift.server.process.DataDirectory;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.OwnerOnlyFile;
import org.tlsuplift.server.signin.PasswordHash;

/**
 * Writes the configuration, checks it, makes the CA, and exports its certificate.
 *
 * @param output receives lines for the operator
 */
public record FirstSetup(Choices choices, Consumer<String> output, Clock clock) {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
  private static final String EXPORTED = "tls-uplift-ca";

  /** The file that config/systemd/tls-uplift.service names. */
  private static final Path SERVICE_CONFIG = Path.of("/etc/tls-uplift/tls-uplift.yaml");

  /** Where packages and administrators put that unit. */
  private static final List<Path> UNITS =
      Stream.of("/usr/lib/systemd/system", "/lib/systemd/system", "/etc/systemd/system")
          .map(directory -> Path.of(directory, "tls-uplift.service"))
          .toList();

  /**
   * Performs the setup. An existing CA stays as it is.
   *
   * @throws IOException if a file cannot be written
   * @throws OperatorException if this machine cannot run the daemon, or the CA cannot be made or
   *     loaded; an {@link InvalidConfigException} if the daemon cannot run with these choices, and
   *     then no file is written
   */
  public void run() throws IOException, OperatorException {
    String password = PasswordHash.newPassword();
    writeConfiguration(password);
    LoadedConfig loaded = ConfigLoader.load(choices.config());
    output.accept("Configuration   " + choices.config() + " (checked)");
    loaded.warnings().forEach(warning -> output.accept("warning: " + warning));
    DataDirectory.prepare(choices.data());
    IssuingCa ca = authority(CaSource.common(loaded.config()));
    for (CaExport.Format format : CaExport.Format.values()) {
      Path file = choices.directory().resolve(EXPORTED + "." + format.extension());
      CaExport.write(ca.anchor(), format, file);
      output.accept("Exported        " + file);
    }
    if (choices.administrator() != null) {
      output.accept("Pages           http://127.0.0.1:9464/connect");
      output.accept(
          "                user %s, password %s: it is not shown again"
              .formatted(choices.administrator(), password));
    }
    NextSteps.of(choices, choices.directory().resolve(EXPORTED), isOfService()).forEach(output);
  }

  /** Also makes the application's certificate, which the check of the configuration reads. */
  private void writeConfiguration(String password) throws IOException, OperatorException {
    Choices.SignIn signIn = choices.signIn();
    ApplicationCertificate certificate =
        signIn != null && signIn.isPending() ? signIn.certificate() : null;
    boolean isNew = certificate != null && !certificate.exists();
    boolean written = false;
    try {
      if (certificate != null) {
        var unused = certificate.prepare(clock);
      }
      String text = ConfigDraft.of(choices, password);
      ConfigMapper.map(checked(ConfigLoader.parse(text, choices.config().toString())));
      write(choices.config(), text, output, clock);
      written = true;
    } finally {
      if (certificate != null && isNew && !written) {
        certificate.erase();
      }
    }
  }

  private boolean isOfService() {
    return choices.config().equals(SERVICE_CONFIG) && UNITS.stream().anyMatch(Files::exists);
  }

  private static LoadedConfig checked(LoadedConfig loaded) throws OperatorException {
    TlsRuntime.prepare(loaded.config());
    TlsRuntime.prove(loaded);
    return loaded;
  }

  /**
   * Writes a configuration, and keeps an existing file under a dated name. There is no moment
   * without a complete file.
   */
  static void write(Path file, String text, Consumer<String> output, Clock clock)
      throws IOException {
    FileModes.directory(file.resolveSibling(""), FileModes.Readers.ALL);
    Path written = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(written);
    try (FileChannel channel = FileModes.create(written, FileModes.Readers.GROUP)) {
      Channels.newOutputStream(channel).write(text.getBytes(StandardCharsets.UTF_8));
    }
    if (Files.exists(file)) {
      String name = file.getFileName() + "." + STAMP.format(clock.instant());
      Path kept = file.resolveSibling(name);
      for (int i = 2; Files.exists(kept); i++) {
        kept = file.resolveSibling(name + "-" + i);
      }
      Files.copy(file, kept, StandardCopyOption.COPY_ATTRIBUTES);
      FileModes.inherit(file, written, FileModes.Readers.ALL);
      output.accept("Kept            " + kept + ", the old configuration");
    }
    OwnerOnlyFile.move(written, file);
  }

  private IssuingCa authority(CaSource source) throws OperatorException {
    Optional<IssuingCa> existing = source.find();
    IssuingCa ca = existing.isPresent() ? existing.get() : source.open(progress -> {});
    output.accept(
        "CA              "
            + source.file()
            + (existing.isPresent() ? ", which existed already" : "")
            + ", valid until "
            + LocalDate.ofInstant(ca.expiresAt(), ZoneOffset.UTC));
    output.accept("SHA-256         " + Fingerprint.sha256(ca.anchor()));
    if (existing.isPresent() && choices.names().stream().allMatch(ca::permits)) {
      output.accept("                It permits the names and addresses of this machine.");
    }
    source.warnings(ca).forEach(warning -> output.accept("warning: " + warning));
    return ca;
  }
}
