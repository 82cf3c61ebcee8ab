package org.tlsuplift.server.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.authority.CertificateAuthorities;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ServerConfig;

/** A daemon signs with the CA that its files hold, once these fit. */
class CaWatchTest {
  @TempDir Path directory;

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger("org.tlsuplift.server");
  private final SettableClock clock = new SettableClock(Instant.now());
  private CaSource source;
  private CertificateAuthorities authorities;
  private CaWatch watch;

  @BeforeEach
  void open() throws Exception {
    ServerConfig config =
        ConfigLoader.parse(
                """
                dataDirectory: '%s'
                listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy}]
                routes: [{to: ["a.example:587"], action: bridge}]
                certificateAuthority: {keyAlgorithm: EC-P256}
                """
                    .formatted(directory),
                "test")
            .config();
    source = CaSource.common(config);
    authorities = CertificateAuthorities.open(config, line -> {});
    watch = new CaWatch(authorities.watched(), clock);
    watch.look();
    lines.start();
    log.addAppender(lines);
  }

  @AfterEach
  void close() {
    log.detachAppender(lines);
    authorities.close();
  }

  private X509Certificate signing() {
    return authorities.common().certificate();
  }

  private X509Certificate signs() throws Exception {
    return authorities
        .sources()
        .common()
        .leafFor(List.of("a.example"))
        .toCompletableFuture()
        .get()
        .chain()
        .get(0);
  }

  private List<String> said(Level level) {
    return lines.list.stream()
        .filter(event -> event.getLevel() == level)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void logsNothingWhileNothingChanges() {
    watch.look();
    watch.look();
    assertThat(lines.list).isEmpty();
  }

  @Test
  void reportsAStagedCaAndKeepsSigningWithTheCurrentOne() throws Exception {
    X509Certificate first = signing();
    String staged = source.stage(line -> {}).sha256();
    watch.look();
    watch.look();
    assertThat(signing()).isEqualTo(first);
    signs().verify(first.getPublicKey());
    assertThat(authorities.kept().staged().orElseThrow().sha256()).isEqualTo(staged);
    assertThat(said(Level.INFO))
        .singleElement()
        .asString()
        .startsWith("a CA is staged for all listeners")
        .contains("'tls-uplift ca activate'", staged);
  }

  @Test
  void signsWithTheActivatedCaUntilUndo() throws Exception {
    X509Certificate first = signing();
    source.stage(line -> {});
    watch.look();
    source.rotation().activate(line -> {});
    lines.list.clear();

    watch.look();

    assertThat(signing()).isNotEqualTo(first);
    signs().verify(signing().getPublicKey());
    assertThat(authorities.kept().previous().orElseThrow().ca().certificate()).isEqualTo(first);
    assertThat(said(Level.INFO))
        .singleElement()
        .asString()
        .startsWith("another CA signs for all listeners")
        .contains("'tls-uplift ca show' counts", "'tls-uplift ca undo' goes back");

    lines.list.clear();
    source.rotation().undo(line -> {});
    watch.look();

    signs().verify(first.getPublicKey());
    assertThat(said(Level.INFO))
        .singleElement()
        .asString()
        .contains("CA that signed before is staged again");
  }

  @Test
  void keepsTheCaIfItsFilesDoNotMatch() throws Exception {
    X509Certificate first = signing();
    source.stage(line -> {});
    Path key = directory.resolve("ca/ca.key.pem");
    Path staged = directory.resolve("ca/staged/ca.crt.pem");
    Files.copy(staged, directory.resolve("copy"));
    Files.move(directory.resolve("copy"), source.file(), StandardCopyOption.REPLACE_EXISTING);

    watch.look();
    watch.look();

    assertThat(signing()).isEqualTo(first);
    assertThat(said(Level.ERROR))
        .singleElement()
        .asString()
        .startsWith("the CA files for all listeners cannot be used")
        .contains("does not match");

    // The second file of the pair comes later, without a change of the first one.
    Files.write(key, Files.readAllBytes(directory.resolve("ca/staged/ca.key.pem")));
    watch.look();
    assertThat(signing()).isNotEqualTo(first);
  }

  @Test
  void keepsSigningIfTheFilesAreMissing() throws Exception {
    X509Certificate first = signing();
    Files.delete(source.file());
    Files.delete(directory.resolve("ca/ca.key.pem"));
    watch.look();
    watch.look();
    assertThat(signing()).isEqualTo(first);
    assertThat(said(Level.ERROR)).singleElement().asString().contains("is missing");
  }

  @Test
  void remindsOnceADayOfAKeyThatShouldBeErased() throws Exception {
    source.stage(line -> {});
    source.rotation().activate(line -> {});
    watch.look();
    assertThat(said(Level.WARN)).isEmpty();
    for (int day = 0; day < 2; day++) {
      clock.advance(Duration.ofDays(32));
      watch.look();
      watch.look();
    }
    assertThat(said(Level.WARN))
        .hasSize(2)
        .allMatch(line -> line.contains("'tls-uplift ca retire'"));
  }
}
