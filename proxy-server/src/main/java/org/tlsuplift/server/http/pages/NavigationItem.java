package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A page in the navigation.
 *
 * @param place its order; a feature's page stands between two of these
 * @param shown whether the navigation has it now
 * @param count the number after its label; none for 0
 */
public record NavigationItem(
    int place, String path, String label, BooleanSupplier shown, LongSupplier count) {
  static final NavigationItem OVERVIEW = of(10, "/", "Overview");
  static final NavigationItem DEVICES = of(20, "/devices", "Devices");
  static final NavigationItem MESSAGES = of(30, "/messages", "Messages");
  static final NavigationItem ACCOUNTS = of(50, "/accounts", "Accounts");
  static final NavigationItem SWITCH_OFF = of(60, "/switch-off", "Switch off");
  static final NavigationItem CERTIFICATES = of(70, "/ca", "CA certificate");
  static final NavigationItem CONNECT = of(80, "/connect", "Microsoft 365");
  static final NavigationItem DOCTOR = of(90, "/doctor", "Doctor");
  static final NavigationItem CONFIGURATION = of(100, "/configuration", "Configuration");
  static final NavigationItem MANUAL = of(110, "/manual", "Manual");

  static final List<NavigationItem> ALWAYS =
      List.of(
          OVERVIEW,
          DEVICES,
          MESSAGES,
          ACCOUNTS,
          SWITCH_OFF,
          CERTIFICATES,
          CONNECT,
          DOCTOR,
          CONFIGURATION,
          MANUAL);

  private static NavigationItem of(int place, String path, String label) {
    return new NavigationItem(place, path, label, () -> true, () -> 0);
  }

  /** The text of the link. */
  public String text() {
    long now = count.getAsLong();
    return now > 0 ? "%s (%s)".formatted(label, PageText.number(now)) : label;
  }
}
