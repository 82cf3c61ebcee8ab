package org.tlsuplift.server.it.device;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Resources;
import org.tlsuplift.server.it.lab.Run;

/**
 * An unmodified Java program whose JVM was told to be old.
 *
 * @param lab where its files are
 * @param version the only version it offers, such as TLSv1
 */
public record JavaDevice(Lab lab, String version) implements Device {
  private static final Pattern VERSION = Pattern.compile("agreed (\\S+) \\S+");
  private static final Pattern SUITE = Pattern.compile("agreed \\S+ (\\S+)");
  static final String OPEN_ALL =
      """
      jdk.tls.disabledAlgorithms=
      jdk.certpath.disabledAlgorithms=
      jdk.tls.legacyAlgorithms=
      """;

  @Override
  public Visit agreed(Run run) {
    return new Visit(run.find(VERSION), run.find(SUITE), run);
  }

  @Override
  public Run attempt(Way way) {
    return Run.of(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Djava.security.properties=" + lab.file("java.security", OPEN_ALL),
            "-Dhttps.protocols=" + version,
            "-Dhttps.proxyHost=" + way.listener().getAddress().getHostAddress(),
            "-Dhttps.proxyPort=" + way.listener().getPort(),
            "-Dhttp.nonProxyHosts=",
            "-Djavax.net.ssl.trustStore=" + trustStore(way),
            "-Djavax.net.ssl.trustStorePassword=changeit",
            "-cp",
            Resources.classes().toString(),
            PageReader.class.getName(),
            "https://" + way.origin() + "/"));
  }

  private Path trustStore(Way way) {
    Path file = lab.directory("trust").resolve("trust.p12");
    try (InputStream pem = Files.newInputStream(way.trusted());
        OutputStream out = Files.newOutputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry(
          "uplift", CertificateFactory.getInstance("X.509").generateCertificate(pem));
      store.store(out, "changeit".toCharArray());
      return file;
    } catch (IOException | GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  @Override
  public String toString() {
    return "Java " + version;
  }
}
