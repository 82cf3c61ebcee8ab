package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.signin.PasswordHash;
import org.tlsuplift.server.testing.AtOnce;
import org.tlsuplift.server.testing.Postgres;

/** Two instances with one PostgreSQL change the same device, and share audit log and reports. */
class SharedDevicesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String DEVICE = "/devices/127.0.0.1";
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** A person who is signed in at one of the instances. */
  private record Person(InetSocketAddress admin, String cookie) {
    static Person at(Daemon daemon) throws Exception {
      HttpResponse<String> response =
          post(daemon.admin(), "/sign-in", "a=b", "name=boss&password=correct+horse");
      return new Person(
          daemon.admin(),
          response.headers().firstValue("set-cookie").orElseThrow().replaceAll(";.*", ""));
    }

    static HttpResponse<String> post(
        InetSocketAddress admin, String path, String cookie, String form) throws Exception {
      return HTTP.send(
          request(admin, path, cookie).POST(BodyPublishers.ofString(form)).build(),
          BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(
        InetSocketAddress admin, String path, String cookie) {
      return HttpRequest.newBuilder(URI.create("http://" + Loopback.text(admin) + path))
          .timeout(TIMEOUT)
          .header("Sec-Fetch-Site", "same-origin")
          .header("Cookie", cookie);
    }

    String page(String path) throws Exception {
      return HTTP.send(request(admin, path, cookie).build(), BodyHandlers.ofString()).body();
    }

    /** The hidden fields of the form of the device on a page, and its owner. */
    static String form(String page, String owner) {
      Matcher form =
          Pattern.compile("(?s)<form [^>]*action=\"/devices/edit\".*?</form>").matcher(page);
      assertThat(form.find()).as(page).isTrue();
      StringBuilder fields = new StringBuilder("owner=" + encoded(owner));
      Matcher hidden =
          Pattern.compile("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\">")
              .matcher(form.group());
      while (hidden.find()) {
        fields.append('&').append(hidden.group(1)).append('=').append(encoded(hidden.group(2)));
      }
      return fields.toString();
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    HttpResponse<String> send(String form) throws Exception {
      return post(admin, "/devices/edit", cookie, form);
    }
  }

  private static Daemon start(String yaml) {
    InetSocketAddress admin = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    return Daemon.start(lab, yaml.replace("ADMIN", Loopback.text(admin)));
  }

  @Test
  void theSecondOfTwoPeopleAtTwoInstancesSeesWhatTheFirstWrote() throws Exception {
    Postgres postgres = lab.add(Postgres.start());
    try (Database database =
        Database.forWriting(
            new DatabasePlace.PostgreSql(postgres.url(), postgres.user(), postgres.password()))) {
      database.migrate(DeviceInventory.SCHEMA);
    }
    postgres.ask("INSERT INTO report_due (report, due) VALUES ('printers to it@corp.example', 0)");
    String yaml =
        """
        database: {url: "%s", user: %s, passwordFile: "%s"}
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        routes: [{to: ["localhost:1"], action: bridge}]
        devices: {reverseDns: false}
        inventory: {flushInterval: 200ms}
        notify:
          smtp: {server: "127.0.0.1:1", tls: starttls, from: uplift@corp.example, to: [it@corp.example]}
          weekly: [{tag: printers, to: it@corp.example}]
        admin:
          bind: "ADMIN"
          users: [{name: boss, role: administrator, passwordHash: '%s'}]
        """
            .formatted(
                postgres.url(),
                postgres.user(),
                postgres.passwordFile(),
                PasswordHash.of("correct horse".toCharArray()).encoded());
    CompletableFuture<Daemon> starting = AtOnce.supply(() -> start(yaml));
    Daemon other = start(yaml);
    Daemon one = starting.join();
    try (RawDevice device = RawDevice.to(one.listener("web"))) {
      device.send("CONNECT elsewhere.example:443 HTTP/1.1\r\n\r\n");
      device.readAll();
    }
    Person first = Person.at(one);
    Person second = Person.at(other);
    await().atMost(TIMEOUT).until(() -> second.page(DEVICE).contains("action=\"/devices/edit\""));
    String opened = Person.form(second.page(DEVICE), "second@corp.example");

    assertThat(first.send(Person.form(first.page(DEVICE), "first@corp.example")).statusCode())
        .isEqualTo(303);
    HttpResponse<String> stale = second.send(opened);
    assertThat(stale.statusCode()).isEqualTo(409);
    assertThat(stale.body())
        .contains("Not saved: another person has changed this device since you opened the form.")
        .contains("first@corp.example", "value=\"second@corp.example\"");
    assertThat(second.send(Person.form(stale.body(), "second@corp.example")).statusCode())
        .isEqualTo(303);
    assertThat(first.page(DEVICE)).contains("second@corp.example");

    // At the same time, one of them wins.
    String mine = Person.form(first.page(DEVICE), "mine@corp.example");
    String yours = Person.form(second.page(DEVICE), "yours@corp.example");
    CompletableFuture<Integer> atOnce = AtOnce.supply(() -> send(first, mine));
    int answer = send(second, yours);
    assertThat(List.of(answer, atOnce.join())).containsExactlyInAnyOrder(303, 409);

    theAuditLogNamesTheInstanceOfEachChange(first, second);
    await()
        .atMost(TIMEOUT)
        .until(() -> one.output().contains(REPORT) || other.output().contains(REPORT));
    assertThat(Stream.of(one, other).filter(each -> each.output().contains(REPORT)))
        .as("one instance sends a report")
        .hasSize(1);
  }

  private static final String REPORT = "the weekly report about 'printers' did not reach";

  private static int send(Person person, String form) {
    try {
      return person.send(form).statusCode();
    } catch (Exception failed) {
      throw new AssertionError(failed);
    }
  }

  private static void theAuditLogNamesTheInstanceOfEachChange(Person first, Person second)
      throws Exception {
    String edits = "/audit.csv?action=devices.edit";
    await().atMost(TIMEOUT).until(() -> first.page(edits).lines().count() == 6);
    String all = second.page(edits);
    assertThat(all).isEqualTo(first.page(edits));
    List<String> latestFirst = all.lines().skip(1).toList();
    assertThat(latestFirst.get(4))
        .contains(",owner=,owner=first@corp.example,done,", ":" + first.admin.getPort() + ",");
    assertThat(latestFirst.get(3))
        .contains(",another person has changed it since this form was opened,refused,")
        .contains(":" + second.admin.getPort() + ",");
    assertThat(latestFirst.get(2)).contains(",owner=first@corp.example,owner=second@corp.example,");
    assertThat(latestFirst.subList(0, 2)).anyMatch(line -> line.contains(",refused,"));
  }
}
