package org.tlsuplift.server.http.pages;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.inventory.DeviceProblem;
import org.tlsuplift.server.inventory.DeviceRecord;

/**
 * The way to the first device: three steps, each with a tick when it is done.
 *
 * @param title the progress, in words
 * @param install the CA certificate
 * @param point the device here
 * @param arrive the first session
 * @param waysIn the settings for devices
 * @param soon the time until a new device appears on the page
 * @param working whether all steps are done
 */
record FirstSteps(
    String title,
    Step install,
    Step point,
    Step arrive,
    List<WayIn> waysIn,
    String soon,
    boolean working) {
  /**
   * A step.
   *
   * @param state {@code done}, {@code open} or {@code failed}
   * @param note the known facts about it; may be empty
   */
  record Step(String state, String note) {
    /** The state in words, for people who do not see the tick. */
    String words() {
      return switch (state) {
        case "done" -> "Done";
        case "failed" -> "Problem";
        default -> "To do";
      };
    }
  }

  /**
   * The settings of a device for a listener.
   *
   * @param setting its field in the device
   * @param server this machine
   * @param note the security to choose and the origin; may be empty
   */
  record WayIn(String listener, String setting, String server, String port, String note) {
    /**
     * @param host of this machine for devices; empty if it is unknown
     * @param machine the name of this machine
     */
    static WayIn of(DeviceInstructions way, String host, String machine) {
      String here = host.isEmpty() ? machine : host;
      return new WayIn(
          way.listener(),
          way.setting(),
          way.redirected() ? "" : way.server().isEmpty() ? here : way.server(),
          way.redirected() ? "" : way.port(),
          way.note());
    }
  }

  /**
   * The steps up to the first device.
   *
   * @param device the only one, or null
   * @param cutOff whether an origin that the device uses does not respond
   * @param downloaded when somebody last downloaded the certificate from this daemon
   */
  static FirstSteps of(
      @Nullable DeviceRecord device,
      boolean cutOff,
      Optional<Instant> downloaded,
      List<WayIn> waysIn,
      String soon,
      Instant now) {
    if (device == null) {
      return new FirstSteps(
          "Three steps to the first device",
          new Step(
              "open",
              downloaded
                  .map(at -> "The certificate was downloaded " + PageText.ago(at, now) + ".")
                  .orElse("")),
          new Step("open", ""),
          new Step("open", ""),
          waysIn,
          soon,
          false);
    }
    String address = PageText.visible(device.address());
    boolean works = device.isWorking();
    return new FirstSteps(
        works && !cutOff ? "The first device works" : "The first device has connected",
        install(device, address, works),
        new Step("done", address + " connected " + PageText.ago(device.lastSeen(), now) + "."),
        arrive(device, works, cutOff),
        waysIn,
        soon,
        works);
  }

  private static Step install(DeviceRecord device, String address, boolean works) {
    if (device.trust() == DeviceRecord.Trust.NO) {
      return new Step("failed", address + " does not trust the CA yet.");
    }
    if (device.trust() == DeviceRecord.Trust.YES) {
      return new Step("done", address + " accepts the certificate.");
    }
    return works
        ? new Step("done", address + " has not needed it yet.")
        : new Step("open", "It is not known yet whether " + address + " trusts the CA.");
  }

  private static Step arrive(DeviceRecord device, boolean works, boolean cutOff) {
    if (works && !cutOff) {
      String to =
          device.destinations().stream()
              .findFirst()
              .map(where -> " to " + PageText.shortened(PageText.visible(where)))
              .orElse("");
      String version =
          device.latestVersion() == null ? "without TLS" : "with " + device.latestVersion();
      return new Step("done", "A session " + version + to + " was carried.");
    }
    if (device.trust() == DeviceRecord.Trust.NO) {
      return new Step("open", "Install the CA first, then use the device again.");
    }
    if (cutOff && device.refusal().isEmpty()) {
      return new Step("failed", "The first lines of this page say why.");
    }
    String label = device.refusal().map(DeviceProblem::problem).orElseGet(device::latestFailure);
    if (label.isEmpty()) {
      return new Step("open", "");
    }
    ProblemText problem = ProblemText.of(label);
    return new Step("failed", problem.words() + ". " + problem.remedy());
  }
}
