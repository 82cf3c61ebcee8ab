package org.tlsuplift.server.microsoft365;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.route.EndpointList;

/** The named lists that {@code routes[].to} accepts. */
public enum ListName implements Labelled {
  MICROSOFT365(
      "microsoft365", "Exchange Online with mail, SharePoint Online, OneDrive, and the sign-in"),
  EXCHANGE("microsoft365:exchange", "Exchange Online with mail, and the sign-in"),
  SHAREPOINT("microsoft365:sharepoint", "SharePoint Online and OneDrive, and the sign-in"),
  MX("microsoft365:mx", "the hosts that receive mail without a sign-in, on port 25"),
  ALL("microsoft365:all", "everything that Microsoft lists, shared networks included"),
  HVE("microsoft365:hve", "High Volume Email"),
  AZURE_COMMUNICATION("azure-communication", "mail of Azure Communication Services"),
  GOOGLE_MAIL("google:mail", "mail of Google Workspace and Gmail");

  private final String label;
  private final String meaning;

  ListName(String label, String meaning) {
    this.label = label;
    this.meaning = meaning;
  }

  public static Optional<ListName> of(String text) {
    return Arrays.stream(values()).filter(name -> name.label.equals(text)).findFirst();
  }

  /** All names, as the configuration has them. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(ListName::label).toList();
  }

  @Override
  public String label() {
    return label;
  }

  /** In few words. */
  public String meaning() {
    return meaning;
  }

  /** Whether its content comes from the list that Microsoft publishes, and so changes. */
  public boolean isPublished() {
    return this != HVE && this != AZURE_COMMUNICATION && this != GOOGLE_MAIL;
  }

  /** Whether its hosts are Microsoft's. */
  public boolean isMicrosoft() {
    return this != GOOGLE_MAIL;
  }

  /** Whether its hosts belong to a tenant of Microsoft 365. */
  public boolean isMicrosoft365() {
    return isMicrosoft() && this != AZURE_COMMUNICATION;
  }

  /** The destinations under this name, and which names are at which addresses. */
  public EndpointList select(PublishedList list) {
    return Selection.of(this, list);
  }
}
