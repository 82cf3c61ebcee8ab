package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.process.PemFile;

/** What runs, but is told about. */
class ConfigWarningsTest {
  @Test
  void warnsOfUnlikelyValues() throws Exception {
    LoadedConfig loaded =
        ConfigLoader.parse(
            """
            devices: {allow: [10.0.0.0/8, 0.0.0.0/0]}
            listeners:
              - name: submission
                bind: 127.0.0.1:0
                accept: fixed
                profile: legacy
                protocol: smtp
                origin: smtp-legacy.office365.com:587
            routes:
              - {to: ["smtp-legacy.office365.com:587"], action: bridge}
              - {to: ["*:*"], action: tunnel}
              - {to: ["*"], action: deny}
            limits: {maxSessions: 10}
            """,
            "test");
    assertThat(loaded.warnings())
        .extracting(ConfigProblem::toString)
        .containsExactly(
            "devices.allow: '0.0.0.0/0' admits every address of its IP version; open proxies are soon found and abused; list the networks of your devices",
            "listeners[0].origin: 'smtp-legacy.office365.com' is Microsoft's endpoint for TLS 1.0 and 1.1; TLS Uplift does not need it; write 'smtp.office365.com'",
            "routes[0].to[0]: 'smtp-legacy.office365.com' is Microsoft's endpoint for TLS 1.0 and 1.1; TLS Uplift does not need it; write 'smtp.office365.com'",
            "routes[1].to[0]: '*:*' allows every host and address; devices can then reach everything that this machine reaches; list the destinations that they need",
            "limits.maxSessionsPerDevice: '100' is never reached; limits.maxSessions is lower: 10; raise it, or lower this key");
  }

  @Test
  void warnsOfWeaknessesOfAnAntiqueListener() throws Exception {
    LoadedConfig loaded =
        ConfigLoader.parse(
            """
            listeners:
              - name: alarms
                bind: 127.0.0.1:0
                accept: http-connect
                profile: antique
                devices: [10.1.2.0/28, 0.0.0.0/0]
                until: 2027-06-30
            """,
            "test");
    assertThat(loaded.config().listeners().get(0).tls().until()).isEqualTo("2027-06-30");
    assertThat(loaded.warnings())
        .extracting(ConfigProblem::toString)
        .satisfiesExactly(
            weak ->
                assertThat(weak)
                    .startsWith("listeners[0].profile: 'antique' accepts SSLv3, RC4, 3DES, DES")
                    .contains("read and change their traffic", "2027-06-30"),
            wide -> assertThat(wide).startsWith("listeners[0].devices: '0.0.0.0/0' is every"));
  }

  private static List<String> weak(String certificate) throws Exception {
    return ConfigLoader.parse(
            """
            listeners:
              - name: alarms
                bind: 127.0.0.1:0
                accept: fixed
                origin: outlook.office365.com:443
                serverNames: [uplift.corp.example, 192.0.2.7]
                profile: antique
                devices: [10.1.2.0/28]
                until: 2027-06-30
                certificate: %s
            """
                .formatted(certificate),
            "test")
        .warnings()
        .stream()
        .map(ConfigProblem::toString)
        .filter(warning -> warning.startsWith("listeners[0].certificate"))
        .toList();
  }

  @Test
  void warnsOfWeakCertificatesOfAnAntiqueListener() throws Exception {
    assertThat(weak("{}")).isEmpty();
    assertThat(weak("{keyAlgorithm: RSA-2048, signature: SHA256, names: all, extensions: all}"))
        .isEmpty();
    assertThat(weak("{keyAlgorithm: RSA-1024, signature: SHA1, names: one, extensions: minimal}"))
        .satisfiesExactly(
            key ->
                assertThat(key)
                    .startsWith("listeners[0].certificate.keyAlgorithm: 'RSA-1024' keys can be")
                    .contains("impersonate any server", "TLS_RSA sessions"),
            signature ->
                assertThat(signature)
                    .startsWith("listeners[0].certificate.signature: 'SHA1' signatures can be"),
            extensions ->
                assertThat(extensions)
                    .startsWith("listeners[0].certificate.extensions: 'minimal' removes the name")
                    .contains("the CA of this listener"),
            names ->
                assertThat(names)
                    .startsWith("listeners[0].certificate.names: 'one' gives devices")
                    .contains("'uplift.corp.example' only"));
    assertThat(weak("{keyAlgorithm: EC-P256}"))
        .singleElement()
        .asString()
        .contains("no device without ECDHE_ECDSA suites");
  }

  @Test
  void warnsIfAnyoneMayNameTheClientOfTheAdminPort() throws Exception {
    String config =
        """
        listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy}]
        admin: {trustedProxies: [10.0.0.1, 0.0.0.0/0]}
        """;
    assertThat(ConfigLoader.parse(config, "test").warnings())
        .extracting(ConfigProblem::toString)
        .containsExactly(
            "admin.trustedProxies: '0.0.0.0/0' lets anyone choose the address that rates and the audit log see; list the addresses of your proxies");
  }

  @Test
  void warnsIfAnyoneMaySendProxyHeaders() throws Exception {
    String listener =
        "listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy, proxyProtocol: {accept: required, from: [10.0.0.1, '::/0']}}]";
    assertThat(ConfigLoader.parse(listener, "test").warnings())
        .extracting(ConfigProblem::toString)
        .containsExactly(
            "listeners[0].proxyProtocol.from: '0:0:0:0:0:0:0:0/0' lets anyone impersonate any device; list the addresses of your load balancers");
  }

  @Test
  void warnsOfASpoolWhoseDevicesCannotSignIn() throws Exception {
    String listener =
        "listeners: [{name: a, bind: '127.0.0.1:0', accept: fixed, origin: 'outlook.office365.com:587', protocol: smtp, profile: legacy, mail: {spool: {when: always}}}]";
    assertThat(ConfigLoader.parse(listener, "test").warnings())
        .extracting(ConfigProblem::toString)
        .containsExactly(
            "listeners[0].signIn: missing, so devices cannot sign in: the spool knows no passwords; turn off SMTP sign-in in these devices, or write 'signIn: true' and give them accounts");
  }

  @ParameterizedTest
  @CsvSource({
    "smtp.office365.com:587, DigiCert Global Root CA, true",
    "smtp.office365.com:587, DigiCert Global Root G2, false",
    "smtp.hve.mx.microsoft:587, DigiCert Global Root CA, true",
    "contoso-com.mail.protection.outlook.com:25, DigiCert Global Root CA, true",
    "mail.corp.example:587, DigiCert Global Root CA, false",
  })
  void warnsIfOwnRootsLackTheRootOfMicrosoft(
      String origin, String root, boolean warns, @TempDir Path directory) throws Exception {
    Path file = directory.resolve("roots.pem");
    Files.write(file, PemFile.block("CERTIFICATE", systemRoot(root).getEncoded()));
    String yaml =
        """
        listeners:
          - name: a
            bind: 127.0.0.1:0
            accept: fixed
            origin: %1$s
            protocol: smtp
            profile: legacy
            mail: {allowedSenders: [a@a.example]}
        upstream: {trust: '%2$s'}
        routes: [{to: ['%1$s'], action: bridge}]
        """
            .formatted(origin, file);

    List<String> warnings =
        ConfigLoader.parse(yaml, "test").warnings().stream().map(ConfigProblem::toString).toList();

    if (warns) {
      assertThat(warnings)
          .containsExactly(
              "upstream.trust: '"
                  + file
                  + "' lacks the root 'DigiCert Global Root G2', which Microsoft 365 uses for SMTP since 2026-03-22; add it to the file, unless a firewall on the way decrypts these connections");
    } else {
      assertThat(warnings).isEmpty();
    }
  }

  /** A root certificate of the Java runtime. */
  private static X509Certificate systemRoot(String name) throws Exception {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    return Arrays.stream(((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers())
        .filter(each -> each.getSubjectX500Principal().getName().startsWith("CN=" + name + ","))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void warnsOfEntriesThatAnEarlierRouteHides() throws Exception {
    LoadedConfig loaded =
        ConfigLoader.parse(
            """
            listeners: [{name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}]
            routes:
              - {to: ["crl.a.example:80", microsoft365, "*.b.example:80,443"], action: bridge}
              - {to: ["c.example:80", "crl.b.example:80", "outlook.office.com:80"], action: forward}
              - {to: ["crl.b.example:80-81", "crl.a.example:80", "d.example"], action: tunnel}
              - {to: ["*.d.example", "*.b.example:80", microsoft365], action: deny}
            """,
            "test");
    assertThat(loaded.warnings())
        .extracting(ConfigProblem::toString)
        .containsExactly(
            "routes[1].to[1]: 'crl.b.example:80' is never used; routes[0] matches first; move this route before it, or remove the entry",
            "routes[1].to[2]: 'outlook.office.com:80' is never used; routes[0] matches first; move this route before it, or remove the entry",
            "routes[2].to[1]: 'crl.a.example:80' is never used; routes[0] matches first; move this route before it, or remove the entry");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "smtp.office365.com:465 | protocol: smtp | origin: 'smtp.office365.com:465' does not exist: Microsoft offers no implicit TLS for SMTP; write 'smtp.office365.com:587' and 'upstreamTls: starttls'; devices can still use implicit TLS with 'downstreamTls: implicit'",
        "a.example:587 | protocol: smtp, upstreamTls: implicit | upstreamTls: 'implicit' does not fit port 587; write 'starttls', which origins expect there",
        "a.example:25 | protocol: smtp, upstreamTls: implicit, mail: {allowedSenders: [a@a.example]} | upstreamTls: 'implicit' does not fit port 25; write 'starttls', which origins expect there",
        "a.example:143 | protocol: imap, upstreamTls: implicit | upstreamTls: 'implicit' does not fit port 143; write 'starttls', which origins expect there",
        "a.example:110 | protocol: pop3, upstreamTls: implicit | upstreamTls: 'implicit' does not fit port 110; write 'starttls', which origins expect there",
        "a.example:465 | protocol: smtp, upstreamTls: starttls | upstreamTls: 'starttls' does not fit port 465; write 'implicit', which origins expect there",
        "a.example:993 | protocol: imap, upstreamTls: starttls | upstreamTls: 'starttls' does not fit port 993; write 'implicit', which origins expect there",
        "a.example:995 | protocol: pop3, upstreamTls: starttls | upstreamTls: 'starttls' does not fit port 995; write 'implicit', which origins expect there",
        "a.example:993 | protocol: pop3 | protocol: 'pop3' does not fit port 993; the port is for imap; correct the protocol or the origin",
        "a.example:587 | protocol: tls | protocol: 'tls' does not fit port 587, where TLS starts with STARTTLS; write 'protocol: smtp'",
        "a.example:587 | protocol: smtp, downstreamTls: optional, allowPlaintext: true | allowPlaintext: 'true' lets devices send passwords and mail to the proxy in plaintext; use it only for devices without TLS, in an isolated network; tlsuplift_plaintext_sessions_total counts their sessions",
        "imap-legacy.office365.com:993 | protocol: imap | origin: 'imap-legacy.office365.com' is Microsoft's endpoint for TLS 1.0 and 1.1; TLS Uplift does not need it; write 'outlook.office365.com'",
        "pop-legacy.office365.com:995 | protocol: pop3 | origin: 'pop-legacy.office365.com' is Microsoft's endpoint for TLS 1.0 and 1.1; TLS Uplift does not need it; write 'outlook.office365.com'",
      })
  void warnsOfUnlikelyMailListeners(String origin, String keys, String warning) throws Exception {
    assertThat(mailWarnings(origin, keys)).containsExactly("listeners[0]." + warning);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a.example:587 | protocol: smtp, downstreamTls: implicit",
        "a.example:587 | protocol: smtp, downstreamTls: optional, allowPlaintext: false",
        "a.example:465 | protocol: smtp, downstreamTls: starttls",
        "a.example:993 | protocol: tls",
        "a.example:2500 | protocol: smtp, upstreamTls: implicit",
        "a.example:2500 | protocol: pop3, upstreamTls: starttls",
      })
  void doesNotWarnOfUsualMailListeners(String origin, String keys) throws Exception {
    assertThat(mailWarnings(origin, keys)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "cloud: gcc-high | [microsoft365] | gcc-high |",
        "cloud: gcc-high | [microsoft365] | dod | signIn.cloud: 'dod' is another cloud than microsoft365.cloud, whose hosts the routes allow; write 'microsoft365: {cloud: dod}', and remove signIn.cloud",
        "cloud: gcc-high | ['*.office365.us:587'] | dod |",
        "cloud: china | ['microsoft365:hve'] | china | routes[0].to[0]: High Volume Email does not exist in the cloud 'china'; remove 'microsoft365:hve'",
        "cloud: worldwide | ['microsoft365:hve'] | worldwide |",
      })
  void aListThatDoesNotFitTheCloud(String list, String to, String cloud, String warning)
      throws Exception {
    String yaml =
        """
        listeners:
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "a.example:587", protocol: smtp, profile: legacy, signIn: true}
        microsoft365: {%s}
        routes: [{to: %s, action: bridge}, {to: ["a.example:587"], action: bridge}]
        signIn:
          tenant: contoso.example
          applicationId: 11111111-2222-3333-4444-555555555555
          flow: device-code
          cloud: %s
          accounts: [{devices: [10.1.2.0/24], mailbox: scanner@contoso.example}]
        """
            .formatted(list, to, cloud);
    assertThat(ConfigLoader.parse(yaml, "test").warnings())
        .extracting(ConfigProblem::toString)
        .isEqualTo(warning == null ? List.of() : List.of(warning));
  }

  @Test
  void warnsOfUserSignInsThatOtherInstancesLack(@TempDir Path folder) throws Exception {
    Path key = Files.write(folder.resolve("tokens.key"), new byte[32]);
    assertThat(key.toFile().setReadable(false, false)).isTrue();
    assertThat(key.toFile().setReadable(true, true)).isTrue();
    String shared =
        "database: {url: 'jdbc:postgresql://db.example/uplift?sslmode=verify-full'%s}\n";
    String flow = "flow: device-code";
    String warning =
        "signIn.flow: 'device-code' without 'database.keyFile' keeps the sign-ins of users on this instance; set database.keyFile, so that all instances have them";

    assertThat(tokenWarnings(flow + "\n" + shared.formatted(""))).containsExactly(warning);
    assertThat(tokenWarnings(flow + "\n" + shared.formatted(", keyFile: '" + key + "'"))).isEmpty();
    assertThat(tokenWarnings(flow)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//db.example/uplift",
        "//db.example:6432/uplift?sslmode=require",
        "//db.example/uplift?sslmode=verify-ca&sslpassword=secret",
        "//db.example/uplift?sslmode=verify-full&sslfactory=org.postgresql.ssl.NonValidatingFactory",
        "//127.0.0.1,db.example/uplift?ssl=false",
        "//db.example,127.0.0.1:5432/uplift",
        "//db.example/uplift?password.sslmode=verify-full"
      })
  void warnsOfUnverifiedDatabases(String url) throws Exception {
    assertThat(databaseWarnings(url))
        .singleElement(InstanceOfAssertFactories.STRING)
        .startsWith("database.url: the connection to 'db.example")
        .contains("does not check which server responds; add '?sslmode=verify-full'")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//db.example/uplift?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt",
        "//db.example,db2.example:5433/uplift?ssl=true",
        "//127.0.0.1:5432/uplift",
        "//[::1]:5432/uplift",
        "//localhost/uplift?sslmode=disable",
        "uplift"
      })
  void doesNotWarnOfVerifiedAndLocalDatabases(String url) throws Exception {
    assertThat(databaseWarnings(url)).isEmpty();
  }

  private static List<String> databaseWarnings(String url) throws Exception {
    String yaml =
        """
        listeners: [{name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}]
        database: {url: 'jdbc:postgresql:%s'}
        """
            .formatted(url);
    return ConfigLoader.parse(yaml, "test").warnings().stream()
        .map(ConfigProblem::toString)
        .toList();
  }

  private static List<String> tokenWarnings(String flow) throws Exception {
    String yaml =
        """
        listeners:
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "a.example:587", protocol: smtp, profile: legacy, signIn: true}
        routes: [{to: ["a.example:587"], action: bridge}]
        signIn:
          tenant: contoso.example
          applicationId: 11111111-2222-3333-4444-555555555555
          accounts: [{devices: [10.1.2.0/24], mailbox: scanner@contoso.example}]
          %s
        """
            .formatted(flow);
    return ConfigLoader.parse(yaml, "test").warnings().stream()
        .map(ConfigProblem::toString)
        .toList();
  }

  private static List<String> mailWarnings(String origin, String keys) throws Exception {
    String yaml =
        """
        listeners:
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, profile: legacy, origin: "%s", %s}
        routes:
          - {to: ["*.example:*", "*.office365.com:*"], action: bridge}
        """
            .formatted(origin, keys);
    return ConfigLoader.parse(yaml, "test").warnings().stream()
        .map(ConfigProblem::toString)
        .toList();
  }
}
