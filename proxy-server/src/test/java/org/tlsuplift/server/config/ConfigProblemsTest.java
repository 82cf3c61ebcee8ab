package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.testing.SchemaAgreement;

/** What is told about each kind of problem, word for word. */
class ConfigProblemsTest {
  private static final String WEB =
      "{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy}";
  private static final String FIXED =
      "name: fix, bind: '127.0.0.1:0', accept: fixed, profile: legacy";

  /** Problems in one listener that is otherwise right. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "bind | 0.0.0.0:184430 | bind: got '0.0.0.0:184430'; expected address:port, such as 0.0.0.0:3128 or \"[::]:3128\"; the port must be from 0 to 65535",
        "bind | 3128 | bind: got '3128'; expected address:port, such as 0.0.0.0:3128 or \"[::]:3128\"; the port is missing or is not a number",
        "bind | '*:3128' | bind: got '*:3128'; expected address:port, such as 0.0.0.0:3128 or \"[::]:3128\"; the host is neither an address nor a name; write 0.0.0.0 or [::] for all interfaces",
        "bind | '::1:3128' | bind: got '::1:3128'; expected address:port, such as 0.0.0.0:3128 or \"[::]:3128\"; write IPv6 addresses in brackets, and only those",
        "bind | '0.0.0.0:70000' | bind: got '0.0.0.0:70000'; expected address:port, such as 0.0.0.0:3128 or \"[::]:3128\"; the port must be from 0 to 65535",
        "bind | [] | bind: got '[]'; expected a list of at least one entry: address:port, such as 0.0.0.0:3128 or \"[::]:3128\"",
        "reusePort | yes | reusePort: got 'yes'; expected true, false; write true",
        "reusePort | Off | reusePort: got 'Off'; expected true, false; write false",
        "reusePort | yes please | reusePort: got 'yes please'; expected true, false",
        "name | a b | name: got 'a b'; expected 1 to 32 letters, digits, - and _; a letter or digit first; the name is a label in metrics",
        "name | 42 | name: got '42'; expected 1 to 32 letters, digits, - and _; a letter or digit first; put it in quotes",
        "name | [a] | name: got '[\"a\"]'; expected 1 to 32 letters, digits, - and _; a letter or digit first",
        "name | | name: no value; expected 1 to 32 letters, digits, - and _; a letter or digit first",
        "transparent | tproxy | transparent: the key has no effect here; only 'accept: transparent' has redirected devices; remove the key",
        "accept | httpconnect | accept: got 'httpconnect'; expected http-connect, socks, transparent, fixed; did you mean 'http-connect'?",
        "accept | carrier-pigeon | accept: got 'carrier-pigeon'; expected http-connect, socks, transparent, fixed",
        "profile | ancient | profile: got 'ancient'; expected modern, legacy, antique",
        "devices | [10.0.0.0/8] | devices: the key has no effect here; it is for 'profile: antique' only; use 'devices.allow' for other listeners",
        "until | 2027-06-30 | until: the key has no effect here; it is for 'profile: antique' only; remove it",
        "certificate | {signature: SHA1} | certificate: the key has no effect here; these keys are for 'profile: antique' only; remove it, or set 'certificate' and 'key', or 'pkcs12'",
        "users | [{name: a, passwordFile: a.txt}] | users: the key has no effect here; users sign in with SOCKS 5; it is for 'accept: socks' only",
        "proxyProtocol | {from: [10.0.0.1]} | proxyProtocol.accept: missing; expected required",
        "proxyProtocol | {accept: required} | proxyProtocol.from: missing; expected address blocks of load balancers, such as 192.168.1.2; list the load balancers: anyone who may send a header can impersonate any device",
        "proxyProtocol | {accept: required, from: []} | proxyProtocol.from: got '[]'; expected a list of at least one entry: address blocks of load balancers, such as 192.168.1.2",
        "proxyProtocol | {accept: required, from: [lb.corp.example]} | proxyProtocol.from[0]: got 'lb.corp.example'; expected address blocks of load balancers, such as 192.168.1.2; 'lb.corp.example' is not an IPv4 or IPv6 address; write 10.0.0.0/8 or 2001:db8::/32",
        "proxyProtocol | {accept: optional, from: [10.0.0.1]} | proxyProtocol.accept: got 'optional'; expected required; remove 'proxyProtocol' if no header is sent; use a second listener for devices that send none",
        "proxyProtocol | {accept: required, from: [10.0.0.1], version: 2} | proxyProtocol.version: unknown key; expected accept, from",
        "proxyProtocol | true | proxyProtocol: got 'true'; expected a section with keys",
        "whenModern | deny | whenModern: got 'deny'; expected tunnel, bridge",
        "serverNameMismatch | usetarget | serverNameMismatch: got 'usetarget'; expected refuse, useTarget; did you mean 'useTarget'?",
        "origin | 'outlook.office365.com:443' | origin: the key has no effect here; the device names its destination; write 'accept: fixed' to use one origin",
        "serverNames | [a.example] | serverNames: the key has no effect here; the certificate has the name that the device requests; remove the key",
        "protocol | smtp | protocol: the key has no effect here; the destination port decides (25, 587, 465, 143, 993, 110 and 995 are mail); write 'accept: fixed' to use one origin",
        "protocol | tls | protocol: the key has no effect here; the destination port decides (25, 587, 465, 143, 993, 110 and 995 are mail); write 'accept: fixed' to use one origin",
        "downstreamTls | starttls | downstreamTls: the key has no effect here; the destination port decides (25, 587, 465, 143, 993, 110 and 995 are mail); write 'accept: fixed' to use one origin",
        "upstreamTls | starttls | upstreamTls: the key has no effect here; the destination port decides (25, 587, 465, 143, 993, 110 and 995 are mail); write 'accept: fixed' to use one origin",
        "allowPlaintext | false | allowPlaintext: the key has no effect here; the destination port decides (25, 587, 465, 143, 993, 110 and 995 are mail); write 'accept: fixed' to use one origin",
        "when_modern | bridge | when_modern: unknown key; expected name, bind, reusePort, proxyProtocol, accept, profile, certificate, mail, serverNameMismatch, whenModern; did you mean 'whenModern'?",
        "pasword | hunter2 | pasword: unknown key; expected name, bind, reusePort, proxyProtocol, accept, profile, certificate, mail, serverNameMismatch, whenModern",
      })
  void inAListener(String key, @Nullable String value, String message) {
    String listener =
        WEB.replaceFirst("\\b" + key + ": ('[^']*'|[^,}]*)(, )?", "")
            .replaceFirst("}$", ", " + key + ": " + (value == null ? "" : value) + "}")
            .replace(", ,", ",");
    assertThat(problems("listeners: [" + listener + "]"))
        .containsExactly("listeners[0]." + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "origin: 'outlook.office365.com:443' | origin: the key has no effect here; the device names its destination; write 'accept: fixed' to use one origin",
        "serverNames: [a.example] | serverNames: the key has no effect here; the certificate has the name that the device requests; remove the key",
        "protocol: smtp | protocol: the key has no effect here; the destination port decides (25, 587, 465, 143, 993, 110 and 995 are mail); write 'accept: fixed' to use one origin",
        "user: a | user: unknown key; expected name, bind, reusePort, proxyProtocol, accept, users, profile, certificate, mail, serverNameMismatch, whenModern; did you mean 'users'?",
        "users: [] | users: got '[]'; expected a list of at least one entry: entries that start with '- '",
        "users: [a] | users[0]: got 'a'; expected a section with keys",
        "users: [{name: '', passwordFile: pom.xml}] | users[0].name: no value; expected 1 to 255 visible ASCII characters",
        "users: [{name: 'J\u00f6rg', passwordFile: pom.xml}] | users[0].name: got 'J\u00f6rg'; expected 1 to 255 visible ASCII characters; SOCKS defines no encoding for other characters",
        "users: [{name: a}] | users[0].passwordFile: missing; expected the path of a file",
        "users: [{name: a, password: hunter2, passwordFile: pom.xml}] | users[0].password: unknown key; expected name, passwordFile; did you mean 'passwordFile'?",
        "users: [{name: a, passwordFile: pom.xml}, {name: a, passwordFile: pom.xml}] | users[1].name: got 'a'; expected a unique name; another user has the same name",
      })
  void inASocksListener(String keys, String message) {
    String socks = "{name: socks, bind: '127.0.0.1:0', accept: socks, profile: legacy, ";
    assertThat(problems("listeners: [" + socks + keys + "}]"))
        .containsExactly("listeners[0]." + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "until: 2027-06-30 | devices: missing; expected the address blocks of the devices, such as 10.1.2.0/28; list the devices: an antique listener is too weak for all others",
        "devices: [10.1.2.0/28] | until: missing; expected a day, such as 2027-06-30; set the last day: the listener stops accepting after it",
        "devices: [10.1.2.0/28], until: soon | until: got 'soon'; expected a day, such as 2027-06-30",
        "devices: [10.1.2.0/28], until: 2027-02-30 | until: got '2027-02-30'; expected a day, such as 2027-06-30",
        "devices: [10.1.2.0/28], until: 2027-06-30, certificate: {keyAlgorithm: RSA-512} | certificate.keyAlgorithm: got 'RSA-512'; expected RSA-1024, RSA-2048, EC-P256; such keys can be computed within hours; use RSA-1024",
        "devices: [10.1.2.0/28], until: 2027-06-30, certificate: {keyAlgorithm: RSA-4096} | certificate.keyAlgorithm: got 'RSA-4096'; expected RSA-1024, RSA-2048, EC-P256",
        "devices: [10.1.2.0/28], until: 2027-06-30, certificate: {signature: MD5} | certificate.signature: got 'MD5'; expected SHA1, SHA256; MD5 signatures can be forged within minutes; use SHA1, which these devices support too",
        "devices: [10.1.2.0/28], until: 2027-06-30, certificate: {names: two} | certificate.names: got 'two'; expected all, one",
        "devices: [10.1.2.0/28], until: 2027-06-30, certificate: {extensions: some} | certificate.extensions: got 'some'; expected all, minimal, none",
        "devices: [10.1.2.0/28], until: 2027-06-30, certificate: {key: RSA-1024} | certificate.key: the key has no effect here; 'certificate' is missing; add it, or remove the key",
        "devices: [10.1.2.0/28], until: 2027-06-30, certificate: SHA1 | certificate: got 'SHA1'; expected a section with keys",
        "devices: [], until: 2027-06-30 | devices: got '[]'; expected a list of at least one entry: the address blocks of the devices, such as 10.1.2.0/28",
      })
  void inAnAntiqueListener(String keys, String message) {
    String listener =
        "{name: old, bind: '127.0.0.1:0', accept: http-connect, profile: antique, " + keys + "}";
    assertThat(problems("listeners: [" + listener + "]"))
        .containsExactly("listeners[0]." + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | origin: missing; expected host:port, such as outlook.office365.com:443; set the origin: all connections to a fixed listener go there",
        ", origin: outlook.office365.com | origin: got 'outlook.office365.com'; expected host:port, such as outlook.office365.com:443",
        ", origin: 'https://a.example:443' | origin: got 'https://a.example:443'; expected host:port, such as outlook.office365.com:443; remove the scheme",
        ", origin: 'evil.example:443' | origin: got 'evil.example:443'; expected an origin that a route allows; no route allows evil.example:443; add it to 'routes' if devices may go there",
        ", origin: 'smtp.office365.com:25' | origin: got 'smtp.office365.com:25'; expected an origin that a route allows; no route allows smtp.office365.com:25; the host is allowed on port 143,587,993,995 only; see 'routes'",
        ", origin: 'outlook.office.com:443', serverNames: ['*.a.example'] | serverNames[0]: got '*.a.example'; expected host names and addresses, such as mail.corp.example; old devices do not support * in certificates; list each name",
        ", origin: 'outlook.office.com:443', serverNames: [a.example, 'b.example:443'] | serverNames[1]: got 'b.example:443'; expected host names and addresses, such as mail.corp.example; remove the port",
        ", origin: 'outlook.office.com:443', serverNames: a.example | serverNames: got 'a.example'; expected a list of at least one entry: host names and addresses, such as mail.corp.example; write a list: put [ ] around it",
        ", origin: 'outlook.office.com:443', protokol: smtp | protokol: unknown key; expected name, bind, reusePort, proxyProtocol, accept, origin, protocol, profile, certificate, serverNames, serverNameMismatch, whenModern; did you mean 'protocol'?",
        ", origin: 'outlook.office.com:443', protocol: ftp | protocol: got 'ftp'; expected tls, smtp, imap, pop3",
        ", origin: 'outlook.office.com:443', downstreamTls: implicit | downstreamTls: the key has no effect here; it is for mail only; write 'protocol: smtp', imap or pop3",
        ", origin: 'outlook.office.com:443', protocol: tls, upstreamTls: starttls | upstreamTls: the key has no effect here; it is for mail only; write 'protocol: smtp', imap or pop3",
        ", origin: 'outlook.office.com:443', allowPlaintext: false | allowPlaintext: the key has no effect here; it is for mail only; write 'protocol: smtp', imap or pop3",
      })
  void inAFixedListener(@Nullable String keys, String message) {
    String more = keys == null ? "" : keys;
    assertThat(problems("listeners: [{" + FIXED + more + "}]"))
        .containsExactly("listeners[0]." + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "downstreamTls: ssl | downstreamTls: got 'ssl'; expected implicit, starttls, optional",
        "downstreamTls: STARTTLS | downstreamTls: got 'STARTTLS'; expected implicit, starttls, optional; did you mean 'starttls'?",
        "downstreamTls: ssl, allowPlaintext: true | downstreamTls: got 'ssl'; expected implicit, starttls, optional",
        "upstreamTls: optional | upstreamTls: got 'optional'; expected implicit, starttls; no setting allows plaintext to an origin",
        "upstreamTls: none | upstreamTls: got 'none'; expected implicit, starttls; no setting allows plaintext to an origin",
        "allowPlaintext: true | allowPlaintext: got 'true'; expected false, or true with 'downstreamTls: optional'; downstreamTls is 'starttls', which serves no plaintext",
        "allowPlaintext: true, downstreamTls: implicit | allowPlaintext: got 'true'; expected false, or true with 'downstreamTls: optional'; downstreamTls is 'implicit', which serves no plaintext",
        "allowPlaintext: maybe | allowPlaintext: got 'maybe'; expected true, false",
        "allow_plaintext: true | allow_plaintext: unknown key; expected name, bind, reusePort, proxyProtocol, accept, origin, protocol, upstreamTls, downstreamTls, allowPlaintext, signIn, profile, certificate, serverNames, mail, serverNameMismatch, whenModern; did you mean 'allowPlaintext'?",
      })
  void inAListenerForMail(String keys, String message) {
    String mail = ", origin: 'smtp.office365.com:587', protocol: smtp, " + keys;
    assertThat(problems("listeners: [{" + FIXED + mail + "}]"))
        .containsExactly("listeners[0]." + message);
  }

  /** Problems everywhere else, beside a listener that is right. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "admin: {bind: ''} | admin.bind: no value; expected address:port, such as 0.0.0.0:3128 or \"[::]:3128\"",
        "admin: 9464 | admin: got '9464'; expected a section with keys",
        "admins: {} | admins: unknown key; expected dataDirectory, devices, mail, listeners, routes, microsoft365, upstream, signIn, certificateAuthority, admin, metrics, database, inventory, messages, accessLog, notify, log, limits, transport, rsa; did you mean 'admin'?",
        "notify: {} | notify.smtp: missing; expected smtp or webhook; add a receiver, or remove the section 'notify'",
        "notify: {webhook: {url: 'http://a.example/', secretFile: x}} | notify.webhook.url: got 'http://a.example/'; expected https://host/path; notifications are never sent in plaintext",
        "notify: {webhook: {url: 'https://a.example/'}} | notify.webhook.secretFile: missing; expected the path of a file",
        "notify: {smtp: {server: 'a.example:587', from: a@b.example, to: [c@d.example], user: u}} | notify.smtp.passwordFile: missing; expected user and passwordFile; set both, or neither if the server needs no sign-in",
        "notify: {smtp: {server: 'a.example:587', from: a@b.example, to: [c@d.example], tls: none}} | notify.smtp.tls: got 'none'; expected implicit, starttls",
        "notify: {webhook: {url: 'https://a.example/', secretFile: pom.xml}, weekly: [{tag: printers, to: a@b.example}]} | notify.smtp: missing; expected a mail server, because of 'weekly'; add it, or remove 'weekly'",
        "notify: {smtp: {server: 'a.example:587', from: a@b.example, to: [c@d.example]}, weekly: [{tag: Old Printers, to: a@b.example}]} | notify.weekly[0].tag: got 'Old Printers'; expected a tag of 1 to 32 of the characters a-z, 0-9 and '-', such as printers",
        "notify: {smtp: {server: 'a.example:587', from: a@b.example, to: [c@d.example]}, weekly: [{tag: printers, to: it}]} | notify.weekly[0].to: got 'it'; expected a mail address, such as scanner@contoso.com",
        "accessLog: {} | accessLog.file: missing; expected the path of a file",
        "accessLog: {file: a.log, format: xml} | accessLog.format: got 'xml'; expected json, text",
        "accessLog: {file: a.log, maxFileSize: 10} | accessLog.maxFileSize: got '10'; expected a size from 1MB to 1024GB, such as 50MB or 1GB",
        "accessLog: {file: a.log, maxFileSize: 512KB} | accessLog.maxFileSize: got '512KB'; expected a size from 1MB to 1024GB, such as 50MB or 1GB",
        "accessLog: {file: a.log, maxTotalSize: 10MB} | accessLog.maxTotalSize: got '10MB'; expected at least maxFileSize; it limits all files together",
        "accessLog: {file: a.log, keepDays: 0} | accessLog.keepDays: got '0'; expected a number from 1 to 3650",
        "rsa: openssl | rsa: got 'openssl'; expected auto, boringssl, libcrypto",
        "transport: iouring | transport: got 'iouring'; expected auto, nio, epoll, io_uring; did you mean 'io_uring'?",
        "dataDirectory: pom.xml | dataDirectory: got 'pom.xml'; expected a directory, which is created if missing; this is a file; set another path",
        "devices: {allow: []} | devices.allow: got '[]'; expected a list of at least one entry: address blocks, such as 10.0.0.0/8 or \"fc00::/7\"",
        "devices: {allow: [10.0.0.1/8]} | devices.allow[0]: got '10.0.0.1/8'; expected address blocks, such as 10.0.0.0/8 or \"fc00::/7\"; the address has bits set after the prefix; write 10.0.0.0/8",
        "devices: {names: [printer]} | devices.names: got '[\"printer\"]'; expected addresses with names of 1 to 100 printable characters, such as {10.1.2.3: printer-2nd-floor}",
        "devices: {names: {10.1.2.300: x}} | devices.names.10.1.2.300: got '10.1.2.300'; expected addresses with names of 1 to 100 printable characters, such as {10.1.2.3: printer-2nd-floor}; '10.1.2.300' is not an IPv4 or IPv6 address; write 10.1.2.3 or 2001:db8::7",
        "devices: {names: {10.1.2.0/24: x}} | devices.names.10.1.2.0/24: got '10.1.2.0/24'; expected addresses with names of 1 to 100 printable characters, such as {10.1.2.3: printer-2nd-floor}; write single addresses: a block has no name",
        "devices: {namesFile: pom.xml} | devices.namesFile: got 'pom.xml'; expected a file with an address, a comma and a name on each line; line 1: '<?xml version=\"1.0\" encoding=\"UTF-8\"?>' is not an IPv4 or IPv6 address; write 10.1.2.3 or 2001:db8::7",
        "devices: {reverseDns: 1} | devices.reverseDns: got '1'; expected true, false",
        "database: {url: 'jdbc:mysql://db/x'} | database.url: got 'jdbc:mysql://db/x'; expected jdbc:postgresql://host:port/database; only PostgreSQL is supported; without 'database', files in dataDirectory are used",
        "database: {url: 'jdbc:postgresql://db/x?password=y'} | database.url: got 'jdbc:postgresql://db/x'; expected jdbc:postgresql://host:port/database; put the password into a file and set 'passwordFile' to its path, and 'user' to the user",
        "database: {url: 'jdbc:postgresql://u:pa/s@s@db/x'} | database.url: got 'jdbc:postgresql://db/x'; expected jdbc:postgresql://host:port/database; put the password into a file and set 'passwordFile' to its path, and 'user' to the user",
        "database: {url: 'postgres://u:secret@db/x'} | database.url: got 'postgres://db/x'; expected jdbc:postgresql://host:port/database; put the password into a file and set 'passwordFile' to its path, and 'user' to the user",
        "database: {url: 'jdbc:postgresql://u:pa/s?s@db/x'} | database.url: got 'jdbc:postgresql://db/x'; expected jdbc:postgresql://host:port/database; only PostgreSQL is supported; without 'database', files in dataDirectory are used",
        "database: {url: 'jdbc:postgresql://db:1,db2:70000/x?sslpassword=secret'} | database.url: got 'jdbc:postgresql://db:1,db2:70000/x'; expected jdbc:postgresql://host:port/database; a port is a number from 1 to 65535",
        "database: {url: 'host=db password=secret'} | database.url: got 'host=db '; expected jdbc:postgresql://host:port/database; only PostgreSQL is supported; without 'database', files in dataDirectory are used",
        "database: {url: 'jdbc:postgresql://db:x/y?sslpassword=secret'} | database.url: got 'jdbc:postgresql://db:x/y'; expected jdbc:postgresql://host:port/database; only PostgreSQL is supported; without 'database', files in dataDirectory are used",
        "database: {url: 'jdbc:postgresql://db/x', keyFile: pom.xml} | database.keyFile: pom.xml is not a key: it needs 32 random bytes, or their base64 text; make one: openssl rand -out pom.xml 32",
        "database: {url: 'jdbc:postgresql://db/x', keyfile: a} | database.keyfile: unknown key; expected url, user, passwordFile, keyFile; did you mean 'keyFile'?",
        "database: {user: x} | database.url: missing; expected jdbc:postgresql://host:port/database",
        "inventory: {keep: 12h} | inventory.keep: got '12h'; expected a time from 24h to 3650d, such as 500ms, 10s, 10m, 2h or 30d",
        "inventory: {keep: 20d} | inventory.keep: got '20d'; expected a time from 30d, the longer of readyAfter and notSeenAfter; devices that are deleted earlier are missing from 'not seen' and from the switch-off report",
        "inventory: {readyAfter: 401d} | inventory.readyAfter: got '401d'; expected a time up to 400d, the value of keep; devices that are deleted earlier are missing from 'not seen' and from the switch-off report",
        "inventory: {maxDevices: 0} | inventory.maxDevices: got '0'; expected a number from 1 to 10000000",
        "log: {linesPerMinute: 0} | log.linesPerMinute: got '0'; expected a number from 1 to 1000000",
        "accessLog: {target: [file, stdout]} | accessLog.file: missing; expected the path of a file",
        "accessLog: {target: mail, file: a.log} | accessLog.target: got 'mail'; expected file, stdout, syslog, or a list of them",
        "accessLog: {target: stdout, keepDays: 3} | accessLog.keepDays: the key has no effect here; no file is written; add 'file' to 'target', or remove the key",
        "accessLog: {target: syslog} | log.syslog: missing; expected a section with the address of the server",
        "log: {target: syslog} | log.syslog: missing; expected a section with the address of the server",
        "log: {target: journal} | log.target: got 'journal'; expected stdout, journald, syslog; write journald",
        "log: {format: xml} | log.format: got 'xml'; expected text, json",
        "log: {level: trace} | log.level: got 'trace'; expected error, warn, info, debug",
        "log: {syslog: {address: 'udp://a.example'}} | log.syslog: the key has no effect here; nothing goes to syslog; write 'target: syslog', here or in 'accessLog'",
        "log: {target: syslog, syslog: {}} | log.syslog.address: missing; expected the address of a syslog server, such as tls://syslog.corp.example:6514, udp://syslog.corp.example:514 or unix:/dev/log",
        "log: {target: syslog, syslog: {address: 'tcp://a.example'}} | log.syslog.address: got 'tcp://a.example'; expected the address of a syslog server, such as tls://syslog.corp.example:6514, udp://syslog.corp.example:514 or unix:/dev/log; TCP without TLS is not supported; write tls://",
        "log: {target: syslog, syslog: {address: '/dev/log'}} | log.syslog.address: got '/dev/log'; expected the address of a syslog server, such as tls://syslog.corp.example:6514, udp://syslog.corp.example:514 or unix:/dev/log",
        "log: {target: syslog, syslog: {address: 'udp://a.example', trust: pom.xml}} | log.syslog.trust: the key has no effect here; only tls:// has a certificate; remove the key",
        "log: {target: syslog, syslog: {address: 'tls://a.example', facility: mail}} | log.syslog.facility: got 'mail'; expected user, daemon, local0, local1, local2, local3, local4, local5, local6, local7",
        "limits: {maxSessions: 0} | limits.maxSessions: got '0'; expected a number from 1 to 1000000",
        "limits: {maxSessions: 99999999999} | limits.maxSessions: got '99999999999'; expected a number from 1 to 1000000",
        "limits: {maxSessionsPerDevice: many} | limits.maxSessionsPerDevice: got 'many'; expected a number from 1 to 1000000",
        "limits: {ipv6Prefix: 32} | limits.ipv6Prefix: got '32'; expected a number from 48 to 128",
        "limits: {handshakesPerSecond: 0} | limits.handshakesPerSecond: got '0'; expected a number from 1 to 1000000",
        "limits: {handshakeBurst: 1.5} | limits.handshakeBurst: got '1.5'; expected a number from 1 to 1000000",
        "limits: {idleTimeout: 10} | limits.idleTimeout: got '10'; expected a time from 1s to 24h, such as 500ms, 10s, 10m, 2h or 30d; write a unit, such as '10s'",
        "limits: {idleTimeout: 2d} | limits.idleTimeout: got '2d'; expected a time from 1s to 24h, such as 500ms, 10s, 10m, 2h or 30d",
        "limits: {handshakeTimeout: 6m} | limits.handshakeTimeout: got '6m'; expected a time from 100ms to 5m, such as 500ms, 10s, 10m, 2h or 30d",
        "limits: {stopGrace: 6m} | limits.stopGrace: got '6m'; expected a time from 0s to 5m, such as 500ms, 10s, 10m, 2h or 30d",
        "limits: {drainTimeout: 30} | limits.drainTimeout: got '30'; expected a time from 0s to 1h, such as 500ms, 10s, 10m, 2h or 30d; write a unit, such as '30s'",
        "limits: {drainTimeout: 61m} | limits.drainTimeout: got '61m'; expected a time from 0s to 1h, such as 500ms, 10s, 10m, 2h or 30d",
        "upstream: {maximumVersion: TLSv1.1} | upstream.maximumVersion: got 'TLSv1.1'; expected TLSv1.2, TLSv1.3; no setting allows less than TLSv1.2 to an origin",
        "upstream: {allowPrivateAddresses: sometimes} | upstream.allowPrivateAddresses: got 'sometimes'; expected true, false",
        "upstream: {spareConnections: 5} | upstream.spareConnections: got '5'; expected a number from 0 to 4",
        "upstream: {maximumVersion: 1.3} | upstream.maximumVersion: got '1.3'; expected TLSv1.2, TLSv1.3",
        "upstream: {revocation: none} | upstream.revocation: got 'none'; expected stapled, soft, hard; stapled responses are always verified; write 'stapled' for the least",
        "upstream: {minimumVersion: TLSv1} | upstream.minimumVersion: the key has no effect here; the minimum is always TLSv1.2; remove the key",
        "certificateAuthority: {keyAlgorithm: RSA-1024} | certificateAuthority.keyAlgorithm: got 'RSA-1024'; expected RSA-2048, RSA-3072, RSA-4096, EC-P256",
        "certificateAuthority: {signature: SHA1} | certificateAuthority.signature: got 'SHA1'; expected SHA256, SHA384; SHA1 signatures can be forged, and all devices trust this CA; use SHA256",
        "certificateAuthority: {leafKeys: [EC-P256]} | certificateAuthority.leafKeys: got '[\"EC-P256\"]'; expected [RSA-2048] or [RSA-2048, EC-P256]; many devices support no key but RSA",
        "certificateAuthority: {nameConstraints: maybe} | certificateAuthority.nameConstraints: got 'maybe'; expected true, false",
        "certificateAuthority: {key: a.pem} | certificateAuthority.key: the key has no effect here; 'certificate' is missing; add it, or remove the key",
        "certificateAuthority: {passwordFile: pom.xml} | certificateAuthority.passwordFile: the key has no effect here; 'pkcs12' and 'key' are missing; add one, or remove the key",
        "certificateAuthority: {pkcs12: pom.xml} | certificateAuthority.passwordFile: missing; expected the path of a file; add the file with the password of 'pkcs12'",
        "microsoft365: {cloud: gcc} | microsoft365.cloud: got 'gcc'; expected worldwide, gcc-high, dod, china; GCC belongs to the worldwide cloud; write 'worldwide'",
        "microsoft365: {refresh: 30m} | microsoft365.refresh: got '30m'; expected never, or a time from 1h to 30d, such as 1h, 12h or 1d; Microsoft allows one check an hour",
        "microsoft365: {refresh: sometimes} | microsoft365.refresh: got 'sometimes'; expected never, or a time from 1h to 30d, such as 1h, 12h or 1d",
        "microsoft365: {url: 'http://endpoints.office.com'} | microsoft365.url: got 'http://endpoints.office.com'; expected https://host or https://host/path; the list decides what devices reach, so it is never fetched in plaintext; write https://",
        "microsoft365: {url: 'https://endpoints.office.com?a=b'} | microsoft365.url: got 'https://endpoints.office.com?a=b'; expected https://host or https://host/path; write the part before /version and /endpoints, without a query",
        "microsoft365: {clowd: dod} | microsoft365.clowd: unknown key; expected cloud, refresh, url; did you mean 'cloud'?",
        "routes: [{to: ['microsoft365:all'], action: forward}] | routes[0].to[0]: got 'microsoft365:all'; expected a host, a pattern with * or an address block, with ports, such as 'crl3.digicert.com:80'; a route with 'action: forward' needs the ports; plain HTTP usually has port 80",
        "routes: [] | routes: got '[]'; expected a list of at least one entry: entries that start with '- '",
        "routes: [{to: [microsoft365]}] | routes[0].action: missing; expected bridge, tunnel, forward, deny",
        "routes: [{to: [microsoft365], action: tunel}] | routes[0].action: got 'tunel'; expected bridge, tunnel, forward, deny; did you mean 'tunnel'?",
        "routes: [{to: [microsoft365], action: tunnel, whenModern: bridge}] | routes[0].whenModern: the key has no effect here; it is for 'action: bridge' only; remove it",
        "routes: [{to: ['crl.example:80'], action: forward, whenModern: tunnel}] | routes[0].whenModern: the key has no effect here; it is for 'action: bridge' only; remove it",
        "routes: [{to: [crl.example], action: forward}] | routes[0].to[0]: got 'crl.example'; expected a host, a pattern with * or an address block, with ports, such as 'crl3.digicert.com:80'; a route with 'action: forward' needs the ports; plain HTTP usually has port 80",
        "routes: [{to: ['http://crl.example/'], action: forward}] | routes[0].to[0]: got 'http://crl.example/'; expected microsoft365, or a host, a pattern with * or an address block, with or without ports (default 443), such as '*.contoso.example:443'; 'http://crl.example/' is a URL; write the host alone",
        "routes: [{action: bridge}] | routes[0].to: missing; expected microsoft365, or a host, a pattern with * or an address block, with or without ports (default 443), such as '*.contoso.example:443'",
        "routes: [{to: [microsoft356], action: bridge}] | routes[0].to[0]: got 'microsoft356'; expected microsoft365, or a host, a pattern with * or an address block, with or without ports (default 443), such as '*.contoso.example:443'; no endpoint list has this name; did you mean 'microsoft365'?",
        "routes: [{to: [intranet], action: bridge}] | routes[0].to[0]: got 'intranet'; expected microsoft365, or a host, a pattern with * or an address block, with or without ports (default 443), such as '*.contoso.example:443'; no endpoint list has this name; write a host without a dot with its port, such as 'intranet:443'",
        "routes: [{to: ['*corp.example'], action: bridge}] | routes[0].to[0]: got '*corp.example'; expected microsoft365, or a host, a pattern with * or an address block, with or without ports (default 443), such as '*.contoso.example:443'; '*corp.example' also matches similar names of other owners; for all names below a domain write '*.contoso.example'",
      })
  void inTheRest(String yaml, String message) {
    assertThat(problems("listeners: [" + WEB + "]\n" + yaml)).containsExactly(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a: 'b\\nc: 1 | test:1:4: invalid YAML: a quotation mark is not closed; write the same mark at the end of the value",
        "a:\\n  protocol:smtp\\n  b: 1 | test:3:4: invalid YAML: mapping values are not allowed here; put a blank after 'protocol:'",
        "a: 1\\na: 2 | test:2:2: duplicate key 'a'; remove one of the two",
        "a: {b: 1\\nc: [ | test:2:2: invalid YAML: expected ',' or '}', but got :; check the indentation; put values that begin with *, [, {, & or ! in quotes",
        "routes:\\n  - to: [*.contoso.example] | test:2:11: invalid YAML: unexpected character found .(46); check the indentation; put values that begin with *, [, {, & or ! in quotes",
        "routes:\\n  - to: [*contoso] | test:2:10: got '*contoso'; aliases are not supported; put values that begin with * in quotes",
        "a: 1\\n---\\nb: 2 | test:3:1: the file has a second document; remove the line '---'",
        "a:\\n\\tb: 1 | test:2:1: invalid YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation); check the indentation; put values that begin with *, [, {, & or ! in quotes",
        "- a | the configuration: got '[\"a\"]'; expected a section with keys",
        "a | the configuration: got 'a'; expected a section with keys",
      })
  void inTheYamlItself(String yaml, String message) {
    String text = yaml.replace("\\n", "\n").replace("\\t", "\t");
    assertThat(invalid(text).problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.in("test")).isEqualTo(message));
  }

  /** SnakeYAML counts lines that Java does not. */
  @Test
  void afterOtherEndsOfLines() {
    assertThat(problems("# \u0085\u2028\u2029\u0085\nb: ]\n"))
        .singleElement()
        .asString()
        .contains("invalid YAML: ", "check the indentation");
  }

  @Test
  void whereAKeyHasNoBlankAfterItsColon() {
    assertThat(problems("listeners: [" + WEB + "]\nlimits: {drainTimeout:30s}"))
        .singleElement()
        .asString()
        .startsWith("limits.drainTimeout:...: unknown key; expected ")
        .endsWith("; put a blank after 'drainTimeout:'");
  }

  @Test
  void whereAForwardingRouteNamesNoPorts() {
    assertThat(
            problems(
                """
                listeners: [%s]
                routes:
                  - to: [microsoft365, "*.a.example", "a.example:80", "[2001:db8::1]",
                         "2001:db8::/32", "[2001:db8::1]:80,8080", "10.0.0.0/8", "10.0.0.0/8:26-65535"]
                    action: forward
                """
                    .formatted(WEB)))
        .extracting(problem -> problem.replaceFirst("'; .*", ""))
        .containsExactly(
            "routes[0].to[0]: got 'microsoft365",
            "routes[0].to[1]: got '*.a.example",
            "routes[0].to[3]: got '[2001:db8::1]",
            "routes[0].to[4]: got '2001:db8::/32",
            "routes[0].to[6]: got '10.0.0.0/8");
  }

  @Test
  void whereThereIsNothing() {
    for (String yaml : List.of("", "# only a comment\n", "{}")) {
      assertThat(problems(yaml))
          .containsExactly(
              "listeners: missing; expected a list of at least one listener; add a listener, so that devices can connect: tls-uplift manual listeners");
    }
  }

  @Test
  void betweenListeners() {
    assertThat(
            problems(
                """
                admin: {bind: "127.0.0.1:3128"}
                listeners:
                  - {name: a, bind: "127.0.0.1:3128", accept: http-connect, profile: legacy}
                  - {name: b, bind: "[::]:3128", accept: http-connect, profile: legacy}
                  - {name: a, bind: "127.0.0.1:3129", accept: http-connect, profile: legacy}
                """))
        .containsExactlyInAnyOrder(
            "listeners[2].name: got 'a'; expected a unique name; listeners[0] has the same name",
            "listeners[1].bind: got '[::]:3128'; expected an unused address; listeners[0].bind uses it",
            "admin.bind: got '127.0.0.1:3128'; expected an unused address; listeners[0].bind uses it");
  }

  @Test
  void betweenTheAddressesOfListeners() {
    assertThat(
            problems(
                """
                admin: {bind: "127.0.0.1:3130"}
                listeners:
                  - name: a
                    bind: ["127.0.0.1:3128", "[::1]:3128", "127.0.0.1:3128"]
                    accept: http-connect
                    profile: legacy
                  - name: b
                    bind: ["127.0.0.1:3129", "0.0.0.0:3130", "[::]:3128"]
                    accept: http-connect
                    profile: legacy
                """))
        .containsExactlyInAnyOrder(
            "listeners[0].bind[2]: got '127.0.0.1:3128'; expected an unused address; listeners[0].bind[0] uses it",
            "admin.bind: got '127.0.0.1:3130'; expected an unused address; listeners[1].bind[1] uses it",
            "listeners[1].bind[2]: got '[::]:3128'; expected an unused address; listeners[0].bind[0] uses it");
  }

  /** Nobody tells a redirected device or its listener anything but the packet filter. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "transparent: nat | transparent: got 'nat'; expected redirect, tproxy",
        "origin: 'a.example:443' | origin: the key has no effect here; the device's own destination is used; write 'accept: fixed' to use one origin",
        "serverNames: [a.example] | serverNames: the key has no effect here; the certificate has the names of the destination; remove the key",
        "proxyProtocol: {accept: required, from: [10.0.0.1]} | proxyProtocol: the key has no effect here; senders of PROXY headers connect to the proxy itself and are not redirected; use a second listener for them",
        "protocol: smtp | protocol: the key has no effect here; the destination port decides (25, 587, 465, 143, 993, 110 and 995 are mail); write 'accept: fixed' to use one origin",
      })
  void aTransparentListenerHasItsOwnKeys(String key, String problem) {
    assertThat(
            problems(
                "listeners: [{name: in, bind: '127.0.0.1:0', accept: transparent, profile: legacy, "
                    + key
                    + "}]"))
        .containsExactly("listeners[0]." + problem);
  }

  @Test
  void allAtOnceAndEachOnOneLine() {
    InvalidConfigException invalid =
        invalid(
            """
            dataDir: /var
            devices: {allow: [everyone]}
            listeners:
              - {name: "a\\nb", bind: nowhere, accept: pigeon, profile: ancient}
              - {name: web, accept: fixed}
            routes:
              - {to: [microsoft356], action: allow}
            upstream: {maximumVersion: SSLv3, trust: /does/not/exist}
            limits: {maxSessions: -1, idleTimeout: forever}
            """);
    assertThat(invalid.problems())
        .extracting(ConfigProblem::path)
        .containsExactlyInAnyOrder(
            "dataDir",
            "devices.allow[0]",
            "listeners[0].name",
            "listeners[0].bind",
            "listeners[0].accept",
            "listeners[0].profile",
            "listeners[1].bind",
            "listeners[1].origin",
            "listeners[1].profile",
            "routes[0].to[0]",
            "routes[0].action",
            "upstream.maximumVersion",
            "upstream.trust",
            "limits.maxSessions",
            "limits.idleTimeout");
    assertThat(invalid).hasMessageStartingWith("test: 15 problems\n  ");
    assertThat(String.valueOf(invalid.getMessage()).lines()).hasSize(16);
  }

  @Test
  void aLongValueIsCutShort() {
    assertThat(problems("listeners: [" + WEB + "]\ntransport: " + "x".repeat(1000)))
        .containsExactly(
            "transport: got '" + "x".repeat(80) + "...'; expected auto, nio, epoll, io_uring");
  }

  static List<String> problems(String yaml) {
    return invalid(yaml).problems().stream().map(ConfigProblem::toString).toList();
  }

  private static InvalidConfigException invalid(String yaml) {
    InvalidConfigException invalid =
        catchThrowableOfType(InvalidConfigException.class, () -> ConfigLoader.parse(yaml, "test"));
    SchemaAgreement.refused(yaml, invalid.problems());
    return invalid;
  }
}
