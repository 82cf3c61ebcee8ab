package org.tlsuplift.server.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.NamedFiles;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.UpstreamProxySetting;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Keys;
import org.tlsuplift.server.log.SyslogServer;

class ConfigDifferenceTest {
  private static final String WEB =
      """
      listeners:
        - name: web
          bind: 127.0.0.1:0
          accept: http-connect
          profile: legacy
      """;

  private static ServerConfig config(String more) throws Exception {
    return ConfigLoader.parse(more.contains("listeners:") ? more : WEB + more, "test").config();
  }

  private static ConfigDifference difference(String running, String next) throws Exception {
    return ConfigDifference.of(config(running), config(next), false);
  }

  @Test
  void equalConfigurationsDoNotDiffer() throws Exception {
    String all =
        """
        listeners:
          - name: web
            bind: 127.0.0.1:0
            accept: http-connect
            profile: legacy
          - name: nft
            bind: 127.0.0.1:0
            accept: transparent
            transparent: redirect
            profile: legacy
        devices:
          allow: [10.0.0.0/8]
          names: {10.0.0.1: scanner}
        admin:
          users:
            - name: prometheus
              passwordHash: $2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.
        """;
    assertThat(difference(all, all)).isEqualTo(new ConfigDifference(List.of(), List.of()));
  }

  @Test
  void rulesOfAllListenersChangeThoseWithoutTheirOwn() throws Exception {
    String mail = "mail: {allowedSenders: [%s]}\n";
    ConfigDifference difference =
        difference(mail.formatted("a@corp.example"), mail.formatted("b@corp.example"));
    assertThat(difference.changed()).containsExactly("listeners[0].mail", "mail");
    assertThat(difference.restart()).isEmpty();
    String own = WEB + "    mail: {maximumSize: 1MB}\n";
    assertThat(difference(own, own + mail.formatted("b@corp.example")).changed())
        .containsExactly("mail");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'limits: {maxSessions: 10}' | 'limits: {maxSessions: 11}' | limits.maxSessions",
        "'devices: {allow: [10.0.0.0/8]}' | 'devices: {allow: [11.0.0.0/8]}' | devices.allow[0]",
        "'devices: {allow: [10.0.0.0/8]}'"
            + " | 'devices: {allow: [10.0.0.0/8, 11.0.0.0/8]}' | devices.allow",
        "'routes: [{to: [microsoft365], action: bridge}]'"
            + " | 'routes: [{to: [microsoft365], action: tunnel}]' | routes[0].action",
      })
  void namesTheChangedKeys(String running, String next, String key) throws Exception {
    ConfigDifference difference = difference(running, next);
    assertThat(difference.changed()).containsExactly(key);
    assertThat(difference.restart()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'transport: nio' | 'transport: auto' | transport",
        "'dataDirectory: /tmp/one' | 'dataDirectory: /tmp/two' | dataDirectory",
        "'inventory: {enabled: false}' | 'inventory: {enabled: true}' | inventory.enabled",
        "'messages: {enabled: false}' | 'messages: {enabled: true}' | messages.enabled",
      })
  void namesTheKeysThatNeedARestart(String running, String next, String key) throws Exception {
    ConfigDifference difference = difference(running, next);
    assertThat(difference.changed()).isEmpty();
    assertThat(difference.restart())
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.toString())
                    .startsWith(key + ": the running daemon has '")
                    .endsWith("a reload cannot change this key; restart the daemon"));
  }

  /** A section of a feature, in a folder of its own. */
  public record Feature(
      @Key(restart = true) String mode,
      @Key(name = "trust") Path trustFile,
      @Key(form = UpstreamProxySetting.Url.class) UpstreamProxySetting via) {}

  /** The configuration that has it. */
  public record Whole(Feature feature, SyslogServer.Address log) {
    Whole(String name) {
      this(
          new Feature(
              name,
              Path.of(name + ".pem"),
              new UpstreamProxySetting.Url().parse("http://u:/" + name + "@proxy.example:1")),
          new SyslogServer.Address.Unix(Path.of("/dev/log")));
    }
  }

  @Test
  void sectionOutsideThePackageOfTheConfigurationHasKeysAndFiles() {
    ConfigDifference difference = ConfigDifference.between(new Whole("a"), new Whole("b"));
    assertThat(difference.restart())
        .extracting(ConfigProblem::path)
        .containsExactly("feature.mode");
    assertThat(difference.changed()).containsExactly("feature.trust", "feature.via");
    assertThat(NamedFiles.of(new Whole("a"))).containsExactly(Path.of("a.pem"), Path.of("/a"));
  }

  @Test
  void onlyTheFirstAntiqueListenerNeedsARestart() throws Exception {
    ServerConfig running = config("");
    ServerConfig next =
        config(
            """
            listeners:
              - name: web
                bind: 127.0.0.1:0
                accept: http-connect
                profile: legacy
              - name: alarms
                bind: 127.0.0.1:0
                accept: http-connect
                profile: antique
                devices: [10.1.2.0/24]
                until: 2099-01-01
            """);
    assertThat(ConfigDifference.of(running, next, false).restart())
        .extracting(ConfigProblem::path)
        .containsExactly("listeners[1].profile");
    assertThat(ConfigDifference.of(running, next, true).restart()).isEmpty();
    assertThat(ConfigDifference.of(running, next, true).changed()).containsExactly("listeners");
  }

  @Test
  void theseKeysNeedARestart() {
    List<String> keys = new ArrayList<>();
    addRestartKeys("", ServerConfig.class, keys);
    assertThat(keys)
        .containsExactlyInAnyOrder(
            "transport",
            "rsa",
            "dataDirectory",
            "metrics.otlp",
            "inventory.enabled",
            "database",
            "inventory.flushInterval",
            "inventory.keep",
            "inventory.maxDevices",
            "messages");
  }

  private static void addRestartKeys(String path, Class<?> record, List<String> keys) {
    for (RecordComponent component : record.getRecordComponents()) {
      String key = Keys.path(path, component);
      if (Keys.needsRestart(component)) {
        keys.add(key);
      } else if (component.getType().isRecord()) {
        addRestartKeys(key, component.getType(), keys);
      }
    }
  }
}
