package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.util.NetUtil;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Browser;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** The overview of a new daemon, in a browser, while the first device is set up. */
class FirstVisitIT {
  private static final CurlDevice DEVICE = new CurlDevice("1.0", "ALL");

  @RegisterExtension static final Lab lab = new Lab();

  @Test
  void stepsAreTickedWhileTheFirstDeviceIsSetUp() throws Exception {
    TestCa ca = new TestCa(lab);
    Site origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
    Daemon daemon =
        Daemon.start(
            lab,
            """
            listeners: [{name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}]
            routes: [{to: ["localhost:1024-65535"], action: bridge}]
            upstream: {trust: "%s"}
            inventory: {flushInterval: 200ms}
            devices: {reverseDns: false}
            """
                .formatted(ca.file()));
    Way way = Way.connect(daemon, "web", origin.byName());
    Browser browser =
        Browser.start(lab, "http://" + NetUtil.toSocketAddressString(daemon.admin()))
            .on(1280, 900, "light")
            .open("/");
    assertThat(browser.element("h1").getText()).isEqualTo("No device has connected yet");
    assertThat(steps(browser)).containsExactly("open", "open", "open");
    assertThat(browser.texts(".todo tbody tr").get(0)).contains("Proxy server", "127.0.0.1");
    assertThat(browser.texts("figure")).isEmpty();
    assertThat(browser.barriers()).isEmpty();
    browser.picture("first-visit");

    DEVICE.attempt(way.trusting(ca.file()));
    awaitSteps(browser, "failed", "done", "open");
    assertThat(browser.element(".todo").getText()).contains("127.0.0.1 does not trust the CA yet.");
    assertThat(browser.barriers()).isEmpty();
    browser.picture("first-visit-refused");

    DEVICE.visit(way);
    awaitSteps(browser, "done", "done", "done");
    assertThat(browser.element("h1").getText()).isEqualTo("The only device still needs TLS Uplift");
    assertThat(browser.element("#first").getText()).isEqualTo("The first device works");
    assertThat(browser.element(".todo").getText()).contains("TLSv1 to localhost:");
    assertThat(browser.barriers()).isEmpty();
    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.strayRequests()).isEmpty();
    browser.on(390, 1300, "dark").picture("first-visit-works");
  }

  private static List<String> steps(Browser browser) {
    return browser.attributes(".todo > li", "class");
  }

  /** The page reads them again by itself, which may happen between two questions. */
  private static void awaitSteps(Browser browser, String... states) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(steps(browser)).containsExactly(states));
  }
}
