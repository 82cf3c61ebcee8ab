package org.tlsuplift.server.http.pages;

/** The pages in the navigation. */
public enum NavigationItem {
  OVERVIEW("/", "Overview"),
  DEVICES("/devices", "Devices"),
  MESSAGES("/messages", "Messages"),
  /** Only if messages can wait. */
  WAITING("/waiting", "Waiting"),
  ACCOUNTS("/accounts", "Accounts"),
  SWITCH_OFF("/switch-off", "Switch off"),
  CERTIFICATES("/ca", "CA certificate"),
  CONNECT("/connect", "Microsoft 365"),
  DOCTOR("/doctor", "Doctor"),
  CONFIGURATION("/configuration", "Configuration"),
  MANUAL("/manual", "Manual");

  private final String path;
  private final String label;

  NavigationItem(String path, String label) {
    this.path = path;
    this.label = label;
  }

  public String path() {
    return path;
  }

  public String label() {
    return label;
  }
}
