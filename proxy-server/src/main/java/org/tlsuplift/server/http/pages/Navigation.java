package org.tlsuplift.server.http.pages;

import org.tlsuplift.server.console.NavigationItem;

/** The entries that the navigation always has, in their order. */
final class Navigation {
  static final NavigationItem OVERVIEW = NavigationItem.of(10, "/", "Overview");
  static final NavigationItem DEVICES = NavigationItem.of(20, "/devices", "Devices");
  static final NavigationItem MESSAGES = NavigationItem.of(30, "/messages", "Messages");
  static final NavigationItem ACCOUNTS = NavigationItem.of(50, "/accounts", "Accounts");
  static final NavigationItem SWITCH_OFF = NavigationItem.of(60, "/switch-off", "Switch off");
  static final NavigationItem CERTIFICATES = NavigationItem.of(70, "/ca", "CA certificate");
  static final NavigationItem CONNECT = NavigationItem.of(80, "/connect", "Microsoft 365");
  static final NavigationItem DOCTOR = NavigationItem.of(90, "/doctor", "Doctor");
  static final NavigationItem CONFIGURATION =
      NavigationItem.of(100, "/configuration", "Configuration");
  static final NavigationItem MANUAL = NavigationItem.of(110, "/manual", "Manual");

  private Navigation() {}
}
