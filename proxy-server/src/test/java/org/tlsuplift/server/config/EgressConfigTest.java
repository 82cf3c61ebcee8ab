package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.testing.SchemaAgreement;

/** The settings for outgoing connections, and their errors and warnings. */
class EgressConfigTest {
  private static final String LISTENERS =
      """
      listeners:
        - name: web
          bind: ["0.0.0.0:3128", "192.0.2.7:3129", "[::]:3130"]
          accept: http-connect
          profile: legacy
      """;
  private static final String SECRET = "Geheimnis";

  @TempDir Path directory;
  private Path password;

  @BeforeEach
  void writePassword() throws IOException {
    password = Files.writeString(directory.resolve("proxy.password"), SECRET + "\n");
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
  }

  private static LoadedConfig load(String yaml) throws InvalidConfigException {
    LoadedConfig loaded = ConfigLoader.parse(LISTENERS + yaml, "test");
    SchemaAgreement.accepted(LISTENERS + yaml);
    return loaded;
  }

  private static List<String> problems(String yaml) {
    try {
      load(yaml);
      return List.of();
    } catch (InvalidConfigException invalid) {
      SchemaAgreement.refused(LISTENERS + yaml, invalid.problems());
      return invalid.problems().stream().map(String::valueOf).toList();
    }
  }

  private static String upstream(String via) {
    return "upstream: {via: '" + via + "'}\n";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://proxy.corp.example:8080 | HTTP | proxy.corp.example:8080 |",
        "http://10.1.2.3:3128/ | HTTP | 10.1.2.3:3128 |",
        "socks5://[2001:db8::1]:1080 | SOCKS5 | [2001:db8::1]:1080 |",
        "http://scanner:%s@proxy:8080 | HTTP | proxy:8080 | scanner",
        "http://me@corp.example:%s@proxy:8080 | HTTP | proxy:8080 | me@corp.example",
        "http://CORP\\scanner:%s@proxy:8080 | HTTP | proxy:8080 | CORP\\scanner",
        "socks5://scanner:%s@proxy:1080 | SOCKS5 | proxy:1080 | scanner",
      })
  void readsTheProxy(
      String via, UpstreamProxy.Protocol protocol, String address, @Nullable String user)
      throws InvalidConfigException {
    assertThat(load(upstream(via.formatted(password))).config().upstream().egress().via())
        .isEqualTo(
            new UpstreamProxySetting.Proxy(
                protocol,
                HostPort.parse(address).orElseThrow(),
                user,
                user == null ? null : password));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "proxy.corp.example:8080 | got 'proxy.corp.example:8080' | it is not a proxy URL",
        "http://proxy.corp.example | got 'http://proxy.corp.example' | host and port of the proxy are required",
        "http://proxy.corp.example:99999 | got 'http://proxy.corp.example:99999' | host and port",
        "https://proxy.corp.example:8080 | got 'https://proxy.corp.example:8080' | TLS to the proxy itself is not supported",
        "socks5h://proxy:1080 | got 'socks5h://proxy:1080' | write socks5://: the proxy resolves names",
        "ftp://proxy:1080 | got 'ftp://proxy:1080' | write http:// or socks5://",
        "http://scanner@proxy:8080 | got '...@proxy:8080' | after the user and a colon, write the path of a file",
        "http://scanner:Geheimnis@proxy:8080 | got '...@proxy:8080' | not the password itself",
        "http://scanner:Geheimnis@proxy | got '...' | host and port",
        "http://scanner:Geheim@nis | got '...' | host and port",
        "http://scanner:Geheimnis | got 'http://scanner:...' | host and port",
        "scanner:Geheimnis@proxy:8080 | got '...@proxy:8080' | it is not a proxy URL",
        "http://:/etc/passwd@proxy:8080 | got '...@proxy:8080' | the user name has invalid characters",
        "socks5://J\u00f6rg:/etc/passwd@proxy:8080 | got '...@proxy:8080' | the user name has invalid characters",
        "Direct | got 'Direct' | it is not a proxy URL",
      })
  void explainsErrorsWithoutRepeatingThePassword(String via, String got, String hint) {
    for (String yaml :
        List.of(
            upstream(via), "routes: [{to: [microsoft365], action: bridge, via: '" + via + "'}]")) {
      assertThat(problems(yaml))
          .singleElement()
          .asString()
          .contains("via: " + got + "; expected direct, or http://proxy")
          .contains(hint)
          .doesNotContain("Geheim");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{http: Geheimnis}", "[Geheimnis]", "42", ""})
  void refusesValuesThatAreNoTextWithoutRepeatingThem(String via) {
    assertThat(problems("upstream: {via: " + via + "}\n"))
        .singleElement()
        .asString()
        .startsWith("upstream.via: ")
        .doesNotContain(SECRET);
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0:3128 is us, 127.0.0.1:3128, true",
    "by the name of this machine, localhost:3128, true",
    "another machine has that port too, 192.0.2.9:3128, false",
    "the same address, 192.0.2.7:3129, true",
    "another port, 127.0.0.1:3131, false",
    "IPv4 on a port of IPv6, 127.0.0.1:3130, true",
    "IPv6, '[::1]:3130', true",
  })
  void refusesItself(String why, String address, boolean self) {
    List<String> problems = problems(upstream("http://" + address));
    if (self) {
      assertThat(problems)
          .as(why)
          .containsExactly(
              "upstream.via: got '"
                  + address
                  + "'; expected another proxy; listeners[0] is at this address, so connections would loop; set the address of your proxy");
    } else {
      assertThat(problems).as(why).isEmpty();
    }
  }

  @Test
  void explainsErrorsOfThePasswordFile() throws Exception {
    Path missing = directory.resolve("none");
    assertThat(problems(upstream("http://scanner:" + missing + "@proxy:8080")))
        .singleElement()
        .asString()
        .contains("upstream.via: got '" + missing + "'", "no such file");
    Path empty = Files.createFile(directory.resolve("empty"));
    assertThat(problems(upstream("http://scanner:" + empty + "@proxy:8080")))
        .containsExactly(
            "upstream.via: " + empty + " is empty; put the password on its first line");
    Files.writeString(empty, "J\u00f6rg");
    assertThat(problems(upstream("http://scanner:" + empty + "@proxy:8080"))).isEmpty();
    assertThat(problems(upstream("socks5://scanner:" + empty + "@proxy:8080")))
        .singleElement()
        .asString()
        .contains("has no valid SOCKS password");
  }

  @Test
  void warnsWhenOthersCanReadThePassword() throws Exception {
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-r--r--"));
    String via = "http://scanner:" + password + "@proxy:8080";
    assertThat(
            load("routes: [{to: [microsoft365], action: bridge, via: '" + via + "'}]").warnings())
        .extracting(String::valueOf)
        .containsExactly(
            "routes[0].via: '"
                + password
                + "' is accessible to other users (mode rw-r--r--); anyone with this file can use the proxy as you; run: chmod 600 "
                + password);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "routes: [{to: [microsoft365], action: deny, via: direct}] | routes[0].via: the key has no effect here; a route with 'action: deny' opens no connection; remove the key",
        "routes: [{to: [microsoft365], action: deny, sendProxyHeader: v2}] | routes[0].sendProxyHeader: the key has no effect here; a route with 'action: deny' opens no connection; remove the key",
        "upstream: {sendProxyHeader: v1} | upstream.sendProxyHeader: got 'v1'; expected none, v2; only version 2 is supported; write v2",
        "upstream: {sourceAddress: eth0} | upstream.sourceAddress: got 'eth0'; expected an address of this machine, or a list of one IPv4 and one IPv6 address, such as [192.0.2.10, \"2001:db8::10\"]; it is not an IP address",
        "upstream: {sourceAddress: 0.0.0.0} | upstream.sourceAddress: got '0.0.0.0'; expected an address of this machine, or a list of one IPv4 and one IPv6 address, such as [192.0.2.10, \"2001:db8::10\"]; write one address, or remove the key to use any",
        "upstream: {sourceAddress: [192.0.2.1, 192.0.2.2]} | upstream.sourceAddress: got '[\"192.0.2.1\",\"192.0.2.2\"]'; expected an address of this machine, or a list of one IPv4 and one IPv6 address, such as [192.0.2.10, \"2001:db8::10\"]; two addresses have the same IP version",
      })
  void explainsErrorsOfOtherKeys(String yaml, String problem) {
    assertThat(problems(yaml)).containsExactly(problem);
  }

  @Test
  void readsTheAddressesThatConnectionsComeFrom() throws Exception {
    assertThat(load("upstream: {sourceAddress: ['2001:db8::1', 192.0.2.1]}").config().upstream())
        .extracting(upstream -> upstream.sourceAddress().toString())
        .isEqualTo("[/2001:db8:0:0:0:0:0:1, /192.0.2.1]");
    assertThat(load("upstream: {sourceAddress: 192.0.2.1}").config().upstream().sourceAddress())
        .hasSize(1);
  }

  @Test
  void warnsOfProxyHeadersToMicrosoft() throws Exception {
    assertThat(load("upstream: {sendProxyHeader: v2}").warnings())
        .extracting(String::valueOf)
        .singleElement()
        .asString()
        .startsWith("upstream.sendProxyHeader: Microsoft 365 rejects PROXY headers");
    assertThat(
            load("routes: [{to: [microsoft365], action: bridge, sendProxyHeader: v2}]").warnings())
        .extracting(String::valueOf)
        .singleElement()
        .asString()
        .startsWith("routes[0].sendProxyHeader: Microsoft 365 rejects PROXY headers");
    assertThat(
            load("""
                    upstream: {sendProxyHeader: v2}
                    routes: [{to: [azure-communication, "google:mail"], action: bridge}]
                    """)
                .warnings())
        .isEmpty();
    assertThat(load("upstream: {sendProxyHeader: v2, via: 'http://proxy:8080'}").warnings())
        .isEmpty();
    assertThat(
            load("""
                    upstream: {sendProxyHeader: v2}
                    routes: [{to: [microsoft365], action: bridge, sendProxyHeader: none}]
                    """)
                .warnings())
        .isEmpty();
  }
}
