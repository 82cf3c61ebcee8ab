package org.tlsuplift.server.it.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.logging.Level;
import java.util.regex.Pattern;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.tlsuplift.proxy.testing.Leftovers;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;

/** Chromium, driven as a person does, whose requests and errors are known. */
public final class Browser implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** What has the focus, if it is out of sight or looks as it does without. */
  private static final String FOCUS =
      """
      const it = document.activeElement, style = getComputedStyle(it), at = it.getBoundingClientRect();
      const ring = style.outlineStyle != 'none' && parseFloat(style.outlineWidth) >= 2;
      return (ring || style.boxShadow != 'none') && at.width > 0 && at.bottom > 0 && at.top < innerHeight
          ? null : it.outerHTML.slice(0, 200);
      """;

  private static final String PROBE = Leftovers.directory("uplift-probe").toString();

  private final ChromeDriver driver;
  private final String site;
  private final Path downloads;

  private Browser(ChromeDriver driver, String site, Path downloads) {
    this.driver = driver;
    this.site = site;
    this.downloads = downloads;
  }

  /**
   * Starts one.
   *
   * @param site where the paths of pages begin, without a slash at its end
   */
  public static Browser start(Lab lab, String site) {
    return start(lab, site, false);
  }

  /** Starts one that accepts the certificates of servers of the test. */
  public static Browser acceptingAllCertificates(Lab lab, String site) {
    return start(lab, site, true);
  }

  private static Browser start(Lab lab, String site, boolean acceptsAllCertificates) {
    // Chromium leaves directories of its own there.
    Map<String, String> environment = new HashMap<>(Leftovers.environment());
    environment.put("TMPDIR", lab.directory("tmp").toString());
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(new File(Peers.require("chromedriver")))
            .usingAnyFreePort()
            .withEnvironment(environment)
            .withSilent(true)
            .build();
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium());
    options.setAcceptInsecureCerts(acceptsAllCertificates);
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--user-data-dir=" + lab.directory("browser"));
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    Path downloads = lab.directory("downloads");
    Browser browser = lab.add(new Browser(new ChromeDriver(service, options), site, downloads));
    browser.command(
        "Browser.setDownloadBehavior",
        Map.of("behavior", "allow", "downloadPath", downloads.toString()));
    return browser;
  }

  /** Ends the test unless there is a browser, before anything else is started for it. */
  public static void require() {
    Peers.require("chromedriver");
    chromium();
  }

  /** The path of a Chromium that shows a page. */
  private static String chromium() {
    String program = Peers.require("chromium");
    Peer.requireUse(
        "Chromium that shows a page",
        "make it run as this user",
        "sh",
        "-c",
        "\"$0\" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run"
            + " --disable-background-networking --user-data-dir=\"$1\" --dump-dom about:blank"
            + " 2>&1 | grep -q '<body>'",
        program,
        PROBE);
    return program;
  }

  private void command(String name, Map<String, Object> parameters) {
    driver.executeCdpCommand(name, parameters);
  }

  /** Looks at pages on a screen of this size, in a light or dark room. */
  public Browser on(int width, int height, String scheme) {
    command(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    command(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    return this;
  }

  /** Is in this time zone; an empty text for that of the machine. */
  public Browser zone(String id) {
    command("Emulation.setTimezoneOverride", Map.of("timezoneId", id));
    return this;
  }

  public void scripts(boolean on) {
    command("Emulation.setScriptExecutionDisabled", Map.of("value", !on));
  }

  /** Forgets who has signed in, at every site. */
  public void forgetCookies() {
    command("Network.clearBrowserCookies", Map.of());
  }

  public Browser open(String path) {
    driver.get(site + path);
    return this;
  }

  /** Reads the page again, and sends its form again if it is the response to one. */
  public void reload() {
    driver.navigate().refresh();
  }

  public void back() {
    driver.navigate().back();
  }

  /** The text that is printed. */
  public String printedText() {
    command("Emulation.setEmulatedMedia", Map.of("media", "print"));
    String text = element("body").getText();
    command("Emulation.setEmulatedMedia", Map.of("media", ""));
    return text;
  }

  /** The number of pages that are printed. */
  public long printedPages() {
    String pdf =
        new String(
            Base64.getDecoder()
                .decode((String) driver.executeCdpCommand("Page.printToPDF", Map.of()).get("data")),
            StandardCharsets.ISO_8859_1);
    return Pattern.compile("/Type\\s*/Page\\b").matcher(pdf).results().count();
  }

  /** Path and query of where it is. */
  public String path() {
    return driver.getCurrentUrl().substring(site.length());
  }

  /** Waits until path and query contain a text, because a key press does not wait for the page. */
  public void awaitPath(String part) {
    await().atMost(TIMEOUT).until(() -> path().contains(part));
    await().atMost(TIMEOUT).until(() -> "complete".equals(script("return document.readyState")));
  }

  public String title() {
    return driver.getTitle();
  }

  /** The first element that a selector of CSS finds, also on a page that is still loading. */
  public WebElement element(String selector) {
    return await()
        .atMost(TIMEOUT)
        .ignoreException(NoSuchElementException.class)
        .until(() -> driver.findElement(By.cssSelector(selector)), Objects::nonNull);
  }

  /** The texts of all that a selector of CSS finds, also while a script replaces it. */
  public List<String> texts(String selector) {
    return await()
        .ignoreException(StaleElementReferenceException.class)
        .until(
            () ->
                driver.findElements(By.cssSelector(selector)).stream()
                    .map(WebElement::getText)
                    .toList(),
            found -> true);
  }

  /** An attribute of all that a selector of CSS finds and that has it. */
  public List<String> attributes(String selector, String name) {
    return driver.findElements(By.cssSelector(selector)).stream()
        .map(element -> element.getDomAttribute(name))
        .filter(Objects::nonNull)
        .toList();
  }

  public WebElement link(String text) {
    return driver.findElement(By.linkText(text));
  }

  public WebElement focused() {
    return driver.switchTo().activeElement();
  }

  /** Presses keys, wherever the focus is. */
  public void press(CharSequence... keys) {
    new Actions(driver).sendKeys(keys).perform();
  }

  /** Presses the tab key until an element has the focus, and checks that each focus is visible. */
  public void tabTo(String selector) {
    WebElement wanted = element(selector);
    for (int i = 0; i < 60; i++) {
      if (focused().equals(wanted)) {
        return;
      }
      press(Keys.TAB);
      String unseen = (String) script(FOCUS);
      if (unseen != null) {
        throw new AssertionError("one does not see that this has the focus: " + unseen);
      }
    }
    throw new AssertionError("cannot be reached by keyboard: " + selector);
  }

  /**
   * Opens a page on a wide screen in light colours, then on a narrow one in dark colours, and
   * asserts on each that it keeps nobody out and does not move sideways. Axe takes seconds for a
   * long page, so there are two screens, not four.
   *
   * @param then what else is done on each screen, with its width
   */
  public void assertAccessible(String page, IntConsumer then) {
    for (int width : List.of(1280, 390)) {
      on(width, 900, width == 390 ? "dark" : "light").open(page);
      assertThat(barriers()).as("%s at %d", page, width).isEmpty();
      assertThat(
              script(
                  "let all = document.documentElement; return all.scrollWidth - all.clientWidth"))
          .as("%s moves sideways at %d", page, width)
          .isEqualTo(0L);
      then.accept(width);
    }
  }

  /** What keeps people out of the page that is open: see {@link Axe}. */
  public List<String> barriers() {
    return Axe.barriers(driver);
  }

  public Object script(String script) {
    return driver.executeScript(script);
  }

  /** Where a file is that is downloaded, now or later. */
  public Path download(String name) {
    return downloads.resolve(name);
  }

  /** Keeps a picture of the screen in {@code target/screenshots}, to look at. */
  public void picture(String name) {
    try {
      Path folder =
          Files.createDirectories(
              Path.of(System.getProperty("basedir", ""), "target", "screenshots").toAbsolutePath());
      Files.write(folder.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** What its console has said since it was last asked. */
  public List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::getMessage)
        // The browser's own pages complain that a busy machine is slow.
        .filter(message -> !message.startsWith("chrome:"))
        .toList();
  }

  /** What was asked for elsewhere than at the site since it was last asked. */
  public List<String> strayRequests() {
    List<String> stray = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      JsonNode event = json(entry.getMessage()).path("message");
      String address = event.path("params").path("request").path("url").asText();
      if (event.path("method").asText().equals("Network.requestWillBeSent")
          && !address.startsWith(site + "/")
          // The browser's own page of a new tab, and what that loads.
          && !event.path("params").path("documentURL").asText().startsWith("chrome")) {
        stray.add(address);
      }
    }
    return stray;
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public void close() {
    driver.quit();
  }
}
