package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.Map;

/**
 * The texts of the message list.
 *
 * @param frame around it
 * @param form the fields of the request
 * @param problems of the form, by field
 * @param outcomes to choose from
 * @param listeners to choose from
 * @param silent the devices that sent regularly and have stopped
 * @param summary the number of messages, in words
 * @param rows of the table
 * @param pages links to other pages of the list
 * @param csv address of the same list as CSV
 * @param json address of the same list as JSON
 */
record MessageListPage(
    PageFrame frame,
    ListForm form,
    Map<String, String> problems,
    List<DeviceListPage.Option> outcomes,
    List<DeviceListPage.Option> listeners,
    List<Silent> silent,
    String summary,
    List<Row> rows,
    List<DeviceListPage.Step> pages,
    String csv,
    String json) {
  /**
   * A message.
   *
   * @param link the address of the device's page
   * @param account may be empty
   * @param recipients their number and what is stored of them
   * @param tone the class of the outcome's colour
   * @param refusal why TLS Uplift refused it, in words; may be empty
   * @param manual about the refusal; may be empty
   * @param reply may be empty
   * @param tls of both sides
   */
  record Row(
      When at,
      String device,
      String link,
      String name,
      String listener,
      String account,
      String sender,
      String recipients,
      String size,
      String outcome,
      String tone,
      String refusal,
      String manual,
      String reply,
      String tls) {}

  /** A device that has stopped sending. */
  record Silent(
      String device,
      String link,
      String name,
      When latest,
      AcknowledgementForms.Shown acknowledgement) {}

  /** Whether a field filters the list. */
  boolean narrows() {
    return form.has(MessageForm.FIELDS);
  }

  /** The problem of a field; empty for none. */
  String problem(String field) {
    return problems.getOrDefault(field, "");
  }
}
