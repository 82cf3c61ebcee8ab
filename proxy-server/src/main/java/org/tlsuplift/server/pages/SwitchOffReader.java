package org.tlsuplift.server.pages;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.insight.switchoff.BlockingDevice;
import org.tlsuplift.server.insight.switchoff.Readiness;
import org.tlsuplift.server.insight.switchoff.Scope;
import org.tlsuplift.server.insight.switchoff.SwitchOff;
import org.tlsuplift.server.insight.switchoff.SwitchOffQuery;
import org.tlsuplift.server.insight.switchoff.SwitchOffResult;
import org.tlsuplift.server.insight.switchoff.SwitchOffResults;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.Need;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.web.Request;

/** Reads what the page about switching off shows. */
final class SwitchOffReader {
  private static final String PATH = NavigationItem.SWITCH_OFF.path();

  private final List<String> names;

  SwitchOffReader(List<String> names) {
    this.names = names;
  }

  /** Reads the results; for an invalid query there are none. */
  SwitchOffPage read(SwitchOff switchOff, Request request, PageFrame pageFrame)
      throws SQLException {
    String listener = request.parameter("listener").map(String::strip).orElse("");
    String subnet = request.parameter("subnet").map(String::strip).orElse("");
    try {
      SwitchOffQuery switchOffQuery =
          new SwitchOffQuery(
              Optional.of(listener).filter(name -> !name.isEmpty()),
              Optional.of(subnet).filter(pageText -> !pageText.isEmpty()).map(Cidr::parse));
      return page(switchOff.ask(switchOffQuery), listener, subnet, pageFrame);
    } catch (IllegalArgumentException wrong) {
      return new SwitchOffPage(
          pageFrame,
          listener,
          subnet,
          PageText.visible(String.valueOf(wrong.getMessage())),
          options(listener),
          "",
          List.of(),
          List.of(),
          "");
    }
  }

  private SwitchOffPage page(
      SwitchOffResults switchOffResults, String listener, String subnet, PageFrame pageFrame) {
    boolean one = !subnet.isEmpty();
    return new SwitchOffPage(
        pageFrame,
        listener,
        subnet,
        "",
        options(listener),
        rule(switchOffResults.settings().rules()),
        switchOffResults.listeners().stream().map(each -> reply(each, subnet, "", true)).toList(),
        switchOffResults.subnets().stream().map(each -> reply(each, "", listener, one)).toList(),
        switchOffResults.moreSubnets() == 0
            ? ""
            : PageText.count(switchOffResults.moreSubnets(), "more subnet")
                + ": ask for one by its address.");
  }

  private List<DeviceListPage.Option> options(String chosen) {
    List<DeviceListPage.Option> options = new ArrayList<>();
    options.add(new DeviceListPage.Option("", "all", chosen.isEmpty()));
    names.forEach(name -> options.add(new DeviceListPage.Option(name, name, name.equals(chosen))));
    return options;
  }

  private static String rule(VerdictRules rules) {
    return "Yes: watched for "
        + days(rules.notSeenAfter())
        + ", and no device showed in that time that it needs more than a listener with profile:"
        + " modern has. No: one did within "
        + days(rules.readyAfter())
        + ". Not yet: neither. A listener that is modern already has yes, whoever is refused there.";
  }

  private static String days(Duration time) {
    return PageText.count(time.toDays(), "day");
  }

  /**
   * Makes the texts of a result.
   *
   * @param subnet the subnet of the query, for the result of a listener
   * @param listener the listener of the query, for the result of a subnet
   * @param each whether each device is shown
   */
  private static SwitchOffPage.Reply reply(
      SwitchOffResult switchOffResult, String subnet, String listener, boolean each) {
    Scope scope = switchOffResult.scope();
    String name = scope.name();
    boolean ofListener = scope.isListener();
    DeviceForm form =
        new DeviceForm()
            .with("subnet", ofListener ? subnet : name)
            .with("listener", ofListener ? name : listener);
    return new SwitchOffPage.Reply(
        name,
        ofListener ? "profile " + scope.profile() : "",
        word(switchOffResult.answer()),
        tone(switchOffResult.answer()),
        sentence(switchOffResult.because()),
        PageText.number(switchOffResult.devices()),
        PageText.number(switchOffResult.standing()),
        form.link(),
        each ? "" : form.link(PATH),
        each
            ? switchOffResult.blockingDevices().stream()
                .map(device -> against(device, !ofListener))
                .toList()
            : List.of(),
        each && switchOffResult.more() > 0
            ? "and " + PageText.number(switchOffResult.more()) + " more, which needed it earlier"
            : "",
        switchOffResult.incomplete());
  }

  private static String sentence(String because) {
    return because.substring(0, 1).toUpperCase(Locale.ROOT) + because.substring(1);
  }

  private static String word(Readiness readiness) {
    return switch (readiness) {
      case YES -> "Yes";
      case NOT_YET -> "Not yet";
      case NO -> "No";
    };
  }

  private static String tone(Readiness readiness) {
    return switch (readiness) {
      case YES -> "good";
      case NOT_YET -> "warn";
      case NO -> "bad";
    };
  }

  private static SwitchOffPage.Against against(BlockingDevice blockingDevice, boolean where) {
    DeviceRecord device = blockingDevice.device();
    return new SwitchOffPage.Against(
        PageText.visible(device.address()),
        DeviceListReader.link(device.address()),
        PageText.visible(DeviceListReader.name(device)),
        blockingDevice.needs().stream()
            .map(need -> need(need.need()) + (where ? " at " + need.listener() : ""))
            .distinct()
            .collect(Collectors.joining("; ")),
        PageText.minute(blockingDevice.latestNeed()),
        String.join("; ", blockingDevice.help()));
  }

  private static String need(Need need) {
    return switch (need) {
      case NO_ENCRYPTION -> "no encryption";
      case TOO_OLD -> "less than TLS 1.2";
      case ONLY_TLS_RSA -> "TLS_RSA";
      case NO_ACCEPTED_SUITE -> "a suite that Microsoft 365 does not accept";
      case OLD_SUITE -> "AES-CBC";
    };
  }
}
